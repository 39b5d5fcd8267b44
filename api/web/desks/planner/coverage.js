/** The room of coverage: in how many villages of each regency a task force, volunteers or information sessions are on record. */

import { fetchJson } from "../../static/app/data.js";
import { el, hint, quietButton } from "../../static/ui/dom.js";
import { label, percent, persons, t, whole } from "../../static/i18n/i18n.js";
import { showError } from "../../static/ui/messages.js";
import { longTable, table } from "../../static/ui/tables.js";
import { createPlannedCoverage } from "./planned-coverage.js";

const estimate = (value) => (value ? `${persons(value.mean)} (${persons(value.p05)}–${persons(value.p95)})` : t("web_planner.coverage_unknown"));
const share = (value) => (Number.isFinite(value) ? percent(value / 100) : t("web_planner.coverage_unknown"));
const kindsOf = ({ kinds, year }) => {
  const names = (Array.isArray(kinds) ? kinds : (kinds ?? "").split(";")).filter(Boolean).map((kind) => label("task_force", kind));
  return names.length > 0 ? `${names.join(", ")} (${year ?? "–"})` : "–";
};
const ask = (code) => fetchJson(`v1/coverage?${new URLSearchParams({ within: code })}`);

/** `context.session()` names the province. */
export function createCoverage(context) {
  let asked = null;
  const planned = createPlannedCoverage(context);
  const columns = (onVillages, rows) => [
    ["web_planner.coverage_area", (row) => row.name],
    ["web_planner.coverage_departures", (row) => estimate(row.departures), true],
    ["web_planner.coverage_listed", (row) => (row.listed > 0
      ? quietButton(t("web_planner.coverage_of", row), () => onVillages(row), { class: "quiet small", "aria-label": t("web_planner.coverage_villages", row) })
      : quietButton(t("web_planner.coverage_of", row), () => onVillages(row), { class: "quiet small", "aria-label": t("web_planner.coverage_remote", row) })), true],
    ...(rows.some((row) => row.visited_share !== null) ? [["web_planner.coverage_visited", (row) => share(row.visited_share), true]] : []),
    ["web_planner.coverage_kinds", kindsOf],
  ].map(([key, value, number]) => ({ title: t(key), value, number }));

  /** Villages without anything on record, the farthest from an office first. */
  const remote = (row, rows) => (rows.length === 0 ? [] : [
    el("h4", {}, t("web_planner.coverage_remote", row)),
    hint(t("web_planner.coverage_remote_help")),
    longTable(t("web_planner.coverage_remote", row), [
      { title: t("web_planner.coverage_village"), value: ({ name, district, code }) => el("span", {}, name, " ", el("small", {}, `${district} · ${code}`)) },
      { title: t("web_planner.coverage_office"), value: ({ service }) => service ?? "–" },
      { title: t("web_planner.coverage_km"), value: ({ service_km: away }) => (away === null ? "–" : whole(away)), number: true },
    ], rows),
  ]);

  return {
    key: "coverage",
    title: "web_planner.coverage",
    render(place) {
      const { province } = context.session();
      asked ??= ask(province).catch((error) => {
        asked = null;
        showError(error);
      });
      const [body, villages, period] = [el("div", {}, hint(t("web.loading"))), el("div", { "aria-live": "polite" }), el("section", {})];
      place.replaceChildren(el("h2", {}, t("web_planner.coverage")), period, el("h3", {}, t("web_planner.coverage_record")), hint(t("web_planner.coverage_help")), body, villages);
      planned.render(period);
      const sum = (rows, field) => rows.reduce((total, row) => total + row[field], 0);
      const show = (row) => ask(row.code).then((found) => villages.replaceChildren(
        el("h4", {}, t("web_planner.coverage_villages", row)),
        table(t("web_planner.coverage_villages", row), [
          { title: t("web_planner.coverage_village"), value: ({ code, name }) => `${name} ${code}` },
          { title: t("web_planner.coverage_kinds"), value: kindsOf },
        ], found.villages),
        ...remote(row, found.remote)), showError);
      asked.then((found) => found && body.replaceChildren(
        el("p", {}, t("web_planner.coverage_province", {
          name: context.areaName(province) ?? province, listed: sum(found.areas, "listed"), villages: sum(found.areas, "villages"),
        })),
        table(t("web_planner.coverage"), columns(show, found.areas), found.areas),
      ));
    },
    close() {
      planned.close();
    },
  };
}

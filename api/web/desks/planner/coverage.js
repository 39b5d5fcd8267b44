/** The room of coverage: in how many villages of each regency a task force, volunteers or information sessions are on record. */

import { loadCollection } from "../../static/app/data.js";
import { el, hint } from "../../static/ui/dom.js";
import { label, percent, t } from "../../static/i18n/i18n.js";
import { showError } from "../../static/ui/messages.js";
import { table } from "../../static/ui/tables.js";

const share = (value) => (Number.isFinite(value) ? percent(value / 100) : t("web_planner.coverage_unknown"));
const kinds = (p) => (p.kinds ?? "").split(";").filter(Boolean).map((kind) => label("task_force", kind)).join(", ");

const COLUMNS = [
  ["web_planner.coverage_area", (p) => p.name],
  ["web_planner.coverage_listed", (p) => t("web_planner.coverage_of", { listed: p.listed, villages: p.villages }), true],
  ["web_planner.coverage_visited", (p) => share(p.visited_share), true],
  ["web_planner.coverage_kinds", (p) => (p.kinds ? `${kinds(p)} (${p.year ?? "–"})` : "–")],
];

/** Provinces and regencies of a province; those with nothing on record first, then by their share of villages on record. */
async function rowsOf(province) {
  const found = await loadCollection("coverage", { query: String(new URLSearchParams({ skipGeometry: true })) });
  const rows = found.map(({ properties }) => properties).filter((p) => p.province_code === province && p.level !== "village");
  const order = (p) => p.listed / Math.max(1, p.villages);
  return {
    whole: rows.find(({ level }) => level === "province"),
    regencies: rows.filter(({ level }) => level === "regency").sort((a, b) => order(a) - order(b) || a.name.localeCompare(b.name, "id")),
  };
}

/** `context.session()` names the province. */
export function createCoverage(context) {
  let asked = null;
  return {
    key: "coverage",
    title: "web_planner.coverage",
    render(place) {
      const { province } = context.session();
      asked ??= rowsOf(province).catch((error) => {
        asked = null;
        showError(error);
      });
      const body = el("div", {}, hint(t("web.loading")));
      place.replaceChildren(el("h2", {}, t("web_planner.coverage")), hint(t("web_planner.coverage_help")), body);
      asked.then((found) => found && body.replaceChildren(
        el("p", {}, t("web_planner.coverage_province", { name: found.whole.name, listed: found.whole.listed, villages: found.whole.villages })),
        table(t("web_planner.coverage"), COLUMNS.map(([key, value, number]) => ({ title: t(key), value, number })), found.regencies),
      ));
    },
  };
}

/** The room a village worker starts in: the villages of a regency, and the visits to them, with or without a network. */

import { ServiceError, collectionPath, loadCollection } from "../../static/app/data.js";
import { keepDesk } from "../../static/app/offline.js";
import { className, month, t, title } from "../../static/i18n/i18n.js";
import { CLASSES } from "../../static/map/palette.js";
import { packLink } from "../../static/panel/cards/parts.js";
import { plain } from "../../static/ui/plain.js";
import { announce, byId, el, hint, keepingFocus, quietButton } from "../../static/ui/dom.js";
import { choiceField, textField } from "../../static/ui/forms.js";
import { errorText } from "../../static/ui/messages.js";
import { problemBox, submitForm } from "../common/shell.js";
import { createVisitBox } from "./visit-box.js";
import { keepVisit } from "../common/waiting-visits.js";

/** What the page itself asks the service for when it opens. */
const OPENING = ["v1/releases/current", "ogc/collections?f=json", "v1/imports/agreements", "v1/plans/adopted"];
/** What is kept is fetched once more, when the reader has the list. */
const KEEP_AFTER_MS = 2000;
const FIELDS = ["code", "name", "district", "coverage"];
/** Months that a visit may be recorded for, this one first. */
const MONTHS = 24;
/** Villages that are listed without folding their districts. */
const MANY = 40;
const MOST_PEOPLE = /^\d{0,5}$/;
/** A telephone number or an identity number, also with blanks and hyphens between: kept on no device. */
const LONG_NUMBER = /\d(?:[ .-]?\d){7,}/;
const monthsBack = (count) => {
  const now = new Date();
  const isoOf = (day) => `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}`;
  return Array.from({ length: count }, (_, k) => isoOf(new Date(now.getFullYear(), now.getMonth() - k, 1)));
};
/** Letters of a regency's code; and the card of a village by its code. */
const REGENCY = 5;
const VILLAGE = /^v(\d{2}(?:\.\d{2}){2}\.\d{4})$/;
const villagesOf = (regency) => ["outreach", `regency_code=${regency}&properties=${FIELDS}`];

export function createVillages(context) {
  const session = context.session();
  const state = { regency: "", find: "", organisation: "", month: monthsBack(1)[0], people: "", note: "" };
  let place = null;
  let regencies = null;
  /** Villages by regency. */
  const villages = new Map();
  /** Whether a district was opened or folded by hand; the first of a long list is open. */
  const unfolded = new Map();
  let problem = null;
  /** Whether the regency's list is not on this device, and there is no network to fetch it. */
  let absent = false;
  /** Code of the village whose form is open, and the visit that is changed in it. */
  let open = null;
  let changed = null;
  let errors = {};
  const box = createVisitBox(session.name, {
    onChange(visit) {
      changed = visit;
      const { organisation, note, people = "" } = visit;
      Object.assign(state, { regency: visit.code.slice(0, REGENCY), find: "", organisation, month: visit.month ?? visit.year, people, note });
      open = visit.code;
      choose(state.regency);
    },
  });

  // As in the list of areas: classes among all of Indonesia.
  const regenciesOf = ["areas", `parent=${session.province}&level=regency&skipGeometry=true&properties=code,name,class,departures_per_100k_mean`];

  async function load() {
    try {
      if (!regencies) {
        const areas = await loadCollection(regenciesOf[0], { query: regenciesOf[1] });
        const rate = ({ departures_per_100k_mean: known }) => known ?? -1;
        regencies = areas.map(({ properties }) => properties)
          .sort((a, b) => CLASSES.indexOf(b.class) - CLASSES.indexOf(a.class) || rate(b) - rate(a));
      }
      state.regency ||= regencies[0]?.code ?? "";
      await choose(state.regency);
    } catch (error) {
      failed(error);
    }
  }

  async function choose(regency) {
    problem = null;
    absent = false;
    draw();
    try {
      if (!villages.has(regency)) {
        const [layer, query] = villagesOf(regency);
        const features = await loadCollection(layer, { query });
        features.sort((a, b) => a.properties.district.localeCompare(b.properties.district, "id") || a.properties.name.localeCompare(b.properties.name, "id"));
        villages.set(regency, features);
      }
    } catch (error) {
      return failed(error);
    }
    draw();
    place?.querySelector("form [aria-invalid], form input")?.focus();
    const paths = [...OPENING, collectionPath(...regenciesOf), collectionPath(...villagesOf(regency))];
    setTimeout(() => keepDesk(session, paths).catch((error) => console.warn(error.message)), KEEP_AFTER_MS);
  }

  function failed(error) {
    if (!(error instanceof ServiceError)) console.error(error);
    absent = regencies !== null && error.kind === "offline";
    problem = absent ? null : errorText(error);
    draw();
  }

  // ---- drawing

  function draw() {
    if (!place?.isConnected) return;
    const list = el("div", { class: "villages" }, groups());
    const drawList = () => keepingFocus(list, () => list.replaceChildren(...groups()));
    keepingFocus(place, () => place.replaceChildren(
      el("h2", { tabIndex: -1 }, t("web_ngo.villages_heading")),
      box.element,
      problemBox(problem) ?? "",
      regencies
        ? el("div", {},
          choiceField(state, "regency", {
            id: "v-regency", label: title("level", "regency"),
            onChange() {
              state.find = "";
              choose(state.regency);
            },
            options: regencies.map(({ code, name, class: value }) => [code, `${name.replace("Kabupaten", "Kab.")} · ${className(value)}`]),
          }),
          el("div", { class: "pair" },
            textField(state, "find", { id: "v-find", label: t("web_ngo.villages_find"), type: "search", onInput: drawList }),
            packLink(state.regency)))
        : hint(t("web.loading")),
      list));
  }

  function groups() {
    const features = villages.get(state.regency);
    if (absent) return [hint(t("web_ngo.regency_not_kept"))];
    if (!features) return regencies && !problem ? [hint(t("web.loading"))] : [];
    const wanted = plain(state.find.trim());
    const shown = features.filter(({ properties: p }) => p.code === open || plain(`${p.name} ${p.district}`).includes(wanted));
    const districts = [...new Set(shown.map(({ properties: p }) => p.district))];
    if (shown.length === 0) return [hint(t(features.length > 0 ? "web_ngo.villages_none" : "web_ngo.villages_not_loaded"))];
    return districts.map((district, i) => {
      const rows = shown.filter(({ properties: p }) => p.district === district);
      const key = `${state.regency} ${district}`;
      const isOpen = wanted !== "" || shown.length <= MANY || rows.some(({ properties: p }) => p.code === open) || (unfolded.get(key) ?? i === 0);
      return el("details", { open: isOpen },
        el("summary", { onclick: ({ currentTarget }) => unfolded.set(key, !currentTarget.parentElement.open) },
          el("h3", {}, t("web_ngo.district", { name: district })), " ", el("small", {}, t("web_desk.outreach_village_count", { count: rows.length }))),
        el("ul", { class: "list" }, rows.map(item)));
    });
  }

  function item({ properties: p, geometry }) {
    const isOpen = p.code === open;
    const toggle = () => {
      open = isOpen ? null : p.code;
      changed = null;
      errors = {};
      draw();
      place.querySelector(isOpen ? `[data-key="${p.code}"]` : "form input")?.focus();
    };
    return el("li", {},
      el("button", { type: "button", class: "item", "data-key": p.code, "aria-expanded": String(isOpen), onclick: toggle },
        el("span", { class: "item-name" }, p.name),
        el("span", { class: "item-facts" }, p.code, p.coverage === "listed" ? el("span", {}, t("web_ngo.village_listed")) : null)),
      isOpen ? visitForm(p, geometry) : null);
  }

  function visitForm(village, geometry) {
    const months = [...new Set([...monthsBack(MONTHS), state.month])];
    const form = submitForm(() => save(village), t("web_ngo.visit_save"), { class: "primary" },
      textField(state, "organisation", { id: "v-organisation", label: t("web_ngo.visit_organisation"), error: errors.organisation, maxLength: 80, required: true }),
      choiceField(state, "month", { id: "v-month", label: t("web_ngo.visit_month"), options: months.map((iso) => [iso, month(iso)]) }),
      textField(state, "people", { id: "v-people", label: t("web_ngo.visit_people"), error: errors.people, maxLength: 6, inputMode: "numeric" }),
      textField(state, "note", { id: "v-note", label: t("web_ngo.visit_note"), error: errors.note, hint: t("web_ngo.visit_note_hint") }));
    if (geometry && byId("no-map").hidden) {
      form.lastElementChild.append(quietButton(t("web.show_on_map"), () => context.locate([geometry.coordinates, geometry.coordinates], 10)));
    }
    return form;
  }

  async function save({ code, name }) {
    const { organisation, month: when, people, note } = state;
    errors = {
      ...(organisation.trim() ? {} : { organisation: t("web_ngo.visit_need_organisation") }),
      ...(MOST_PEOPLE.test(people.trim()) ? {} : { people: t("web_ngo.visit_people_whole") }),
      ...(LONG_NUMBER.test(note) ? { note: t("web_ngo.visit_note_number") } : {}),
    };
    if (Object.keys(errors).length > 0) {
      draw();
      return place.querySelector("form [aria-invalid]").focus();
    }
    try {
      await keepVisit({ ...(changed ? { id: changed.id } : {}), account: session.name, code, village: name, organisation: organisation.trim(), month: when, people: people.trim(), note: note.trim() });
    } catch (error) {
      return failed(error);
    }
    if (changed) [state.month] = monthsBack(1);
    open = changed = null;
    state.note = state.people = "";
    draw();
    announce(t("web_ngo.visit_saved", { village: name }));
    place.querySelector(`[data-key="${code}"]`)?.focus({ preventScroll: true });
    await box.draw();
    box.element.scrollIntoView({ block: "nearest" });
    await box.send();
  }

  return {
    key: "villages",
    listFirst: true,
    title: "web_ngo.villages",
    render(body) {
      place = body;
      draw();
      box.draw();
      if (!regencies) load();
    },
    /** A village's code, from its card or an address: its form. */
    open(code) {
      open = code;
      choose(state.regency = code.slice(0, REGENCY));
    },

    /** On the card of a village: the way to its form. */
    cardParts(extra) {
      const [, code] = VILLAGE.exec(extra?.settlement ?? "") ?? [];
      return code ? [el("p", {}, el("a", { class: "button", href: `#tab=work&work=villages:${code}` }, t("web_ngo.visit_here")))] : [];
    },
    close: box.close,
    leaving: box.leaving,
  };
}

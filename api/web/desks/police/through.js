/** A corridor through places that the reader names: a form above the list of corridors. */

import { namedCorridor } from "../../static/app/named-corridor.js";
import { currentLanguage, label, t, title } from "../../static/i18n/i18n.js";
import { localName } from "../../static/map/destinations.js";
import { searchable } from "../../static/panel/search.js";
import { wireCombobox } from "../../static/ui/combobox.js";
import { announce, el, hint, quietButton } from "../../static/ui/dom.js";
import { field } from "../../static/ui/forms.js";
import { errorText } from "../../static/ui/messages.js";
import { submitForm } from "../common/shell.js";

const MOST = 5;
const HITS = 8;
/** Layers whose places may be named. */
const LAYERS = ["terminals", "destinations", "areas"];

/** `form()` gives the element, the same again as long as the language is. */
export function createThrough({ library, select }) {
  let places = ["", "", ""];
  let made = { language: null, element: null };
  let body = null;
  let problem = null;
  let busy = false;

  const rowsOf = (name) => (library.features[name] ?? []).map(({ properties }) => properties);

  /** All that is known by name: `[{name, kind}]`, each name once and towns first. */
  function known() {
    const [terminals, ends, areas] = LAYERS.map(rowsOf);
    const rows = [
      ...terminals.map((p) => [p.place, label("kind", "place")]),
      ...terminals.map((p) => [p.name, title("kind", p.kind)]),
      ...ends.map((p) => [localName(p), title("kind", "destination")]),
      ...areas.filter(({ level }) => level === "regency" || level === "province").map((p) => [p.name, title("level", p.level)]),
    ];
    return [...new Map(rows.reverse()).entries()].reverse().map(([name, kind]) => ({ name, kind }));
  }

  async function show() {
    if (busy) return;
    // A destination is meant by its id: ports abroad may have its name too.
    const ends = new Map(rowsOf("destinations").map((p) => [localName(p), p.id]));
    const towns = new Set(rowsOf("terminals").map(({ place }) => place));
    const names = places.map((name) => name.trim()).filter(Boolean).map((name) => (towns.has(name) ? name : ends.get(name) ?? name));
    problem = names.length < 2 ? { text: t("web_police.through_two") } : null;
    if (problem) return draw(true);
    const selection = namedCorridor(names);
    busy = true;
    draw();
    announce(t("web_police.through_busy"));
    await library.find(selection);
    busy = false;
    const found = library.problem(selection);
    problem = found && { text: errorText(found), name: found.params?.name };
    draw(Boolean(problem));
    if (library.selected(selection)) select(selection);
  }

  function box(text, i) {
    const id = `through-${i}`;
    const titles = ["from", ...Array(places.length - 2).fill("via"), "to"];
    const caption = t(`web_police.through_${titles[i]}`);
    const list = el("ul", { id: `${id}-list`, role: "listbox", "aria-label": caption, hidden: true });
    const input = el("input", {
      type: "text", role: "combobox", autocomplete: "off", spellcheck: false, maxLength: 60, value: text, "aria-expanded": "false",
      "aria-controls": `${id}-list`, "aria-autocomplete": "list", placeholder: i === 0 || i === places.length - 1 ? t("web.type_name") : "",
      oninput() {
        places[i] = input.value;
        input.removeAttribute("aria-invalid");
        body.querySelector(`#${id}-error`)?.remove();
      },
      onfocus: () => LAYERS.forEach((name) => library.load(name)),
    });
    const atFault = Math.max(0, places.findIndex((name) => name.trim() === problem?.name));
    const control = field({ id, label: caption, error: i === atFault ? problem?.text : null, control: input });
    control.classList.add("places");
    input.after(list);
    wireCombobox({
      input, list, prefix: `${id}-`,
      find: (typed) => searchable(known(), typed).slice(0, HITS),
      onChoose: ({ name }) => (input.value = places[i] = name),
    });
    return control;
  }

  function draw(toProblem = false) {
    body.replaceChildren(
      hint(t("web_police.through_help")),
      submitForm(show, t(busy ? "web_police.through_busy" : "web_police.through_submit"), { disabled: busy },
        ...places.map(box),
        places.length < MOST ? el("p", { class: "row" }, quietButton(t("web_police.through_add"), () => {
          places = [...places.slice(0, -1), "", places.at(-1)];
          draw();
          body.querySelector(`#through-${places.length - 2}`).focus();
        })) : null),
    );
    if (toProblem) body.querySelector("[aria-invalid]")?.focus();
  }

  return {
    form() {
      const language = currentLanguage();
      if (made.language === language) return made.element;
      const open = made.element?.open;
      body = el("div", {});
      made = { language, element: el("details", { class: "folded", id: "through", open }, el("summary", {}, t("web_police.through_title")), body) };
      draw();
      return made.element;
    },
  };
}

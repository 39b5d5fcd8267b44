/** Form fields of a desk: labels, hints, errors under their fields, and choosing places by name. */

import { wireCombobox } from "./combobox.js";
import { announce, el, quietButton } from "./dom.js";
import { capital, t } from "../i18n/i18n.js";
import { errorText } from "./messages.js";
import { searchable } from "../panel/search.js";

/**
 * A labelled control. `error` is the message for this field, tied to the control for screen readers (aria-describedby).
 * `control` is an element that gets the id.
 */
export function field({ id, label, hint, error, control }) {
  control.id = id;
  const notes = [];
  if (hint) notes.push(el("p", { class: "hint", id: `${id}-hint` }, hint));
  if (error) notes.push(el("p", { class: "error", id: `${id}-error` }, error));
  if (notes.length > 0) control.setAttribute("aria-describedby", notes.map((note) => note.id).join(" "));
  if (error) control.setAttribute("aria-invalid", "true");
  return el("div", { class: "field" }, el("label", { for: id }, label), control, ...notes);
}

/** A text field kept in `state[key]` as typed. */
export function textField(state, key, { id, label, hint, error, onInput, ...attributes }) {
  const control = el("input", {
    type: "text", maxLength: 200, autocomplete: "off", ...attributes, value: state[key] ?? "",
    oninput: (event) => {
      state[key] = event.target.value;
      onInput?.();
    },
  });
  return field({ id, label, hint, error, control });
}

/** A number field kept in `state[key]` as typed. */
export const numberField = (state, key, spec) =>
  textField(state, key, { type: "number", inputMode: "decimal", step: "any", ...spec });

/** A select with `options` `[value, text]`; `onChange` redraws a form that depends on it. */
export function choiceField(state, key, { id, label, hint, error, options, onChange }) {
  const control = el(
    "select",
    { onchange: (event) => {
      state[key] = event.target.value;
      onChange?.();
    } },
    options.map(([value, text]) => el("option", { value, selected: String(state[key] ?? "") === value }, text)),
  );
  return field({ id, label, hint, error, control });
}

/** A text to be copied: its button does it, and a click marks it whole where the browser allows no page to. */
export function copied(id, label, value) {
  const input = el("input", { value, readOnly: true, spellcheck: false, onfocus: ({ target }) => target.select() });
  const box = field({ id, label, control: input });
  box.classList.add("copied");
  input.after(quietButton(t("web.copy"), async () => {
    input.focus();
    input.select();
    try {
      // Only a page of https, or of this machine, may write there.
      await navigator.clipboard.writeText(input.value);
    } catch {
      document.execCommand("copy");
    }
    announce(t("web.copied"));
  }, { "aria-label": t("web.copy_one", { name: label }) }));
  return box;
}

/** A typed number, or undefined where nothing was typed. */
export function typed(value) {
  const text = String(value ?? "").trim();
  return text === "" ? undefined : Number(text);
}

const MOST = 8;

/**
 * Choose places by name, also several with commas between them; what is left in the box without a match says so.
 * `state[key]` is a list of ids. With `single` there is at most one; of two that `clash` the later one stays.
 * `places()` gives `[{id, name, kind}]`.
 */
export function placesField(state, key, { id, label, hint, error, places, single = false, clash = () => false, onChange }) {
  const list = el("ul", { id: `${id}-list`, role: "listbox", "aria-label": label, hidden: true });
  const input = el("input", {
    type: "text", role: "combobox", autocomplete: "off", spellcheck: false, "aria-expanded": "false",
    "aria-controls": `${id}-list`, "aria-autocomplete": "list", placeholder: t("web.type_name"),
  });
  const chips = el("ul", { class: "chips" });
  const unknown = el("p", { class: "error", role: "alert", hidden: true });
  const without = (ids) => state[key].filter((other) => !ids.includes(other));
  const take = (ids) => {
    state[key] = single ? ids.slice(0, 1) : [...without(ids).filter((old) => !ids.some((id) => clash(old, id))), ...ids];
    drawChips();
    onChange?.();
  };
  input.addEventListener("input", () => (unknown.hidden = true));
  /** Take what is typed with commas; as long as a name is of no place, nothing of it. */
  const settle = () => {
    const found = new Map(input.value.split(",").map((name) => name.trim()).filter(Boolean).map((name) => [name, searchable(places(), name)[0]]));
    const missing = [...found.keys()].filter((name) => !found.get(name));
    unknown.hidden = missing.length === 0;
    unknown.textContent = unknown.hidden ? "" : t("web.places_unknown", { names: missing.join(", ") });
    if (!unknown.hidden || !input.value.includes(",")) return;
    input.value = "";
    take([...new Set([...found.values()].map((place) => place.id))]);
  };
  input.addEventListener("change", settle);
  input.addEventListener("keydown", ({ key: pressed }) => pressed === "Enter" && input.value.includes(",") && settle());
  const nameOf = (key_) => places().find((place) => place.id === key_)?.name ?? key_;
  const drawChips = () => {
    chips.hidden = state[key].length === 0;
    chips.replaceChildren(...state[key].map((key_) =>
      el("li", {}, nameOf(key_), quietButton("×", () => {
        state[key] = without([key_]);
        drawChips();
        input.focus();
        onChange?.();
      }, { "aria-label": t("web.remove", { name: nameOf(key_) }) }))));
  };
  wireCombobox({
    input,
    list,
    prefix: `${id}-`,
    find: (text) => searchable(places(), text).slice(0, MOST),
    onChoose: ({ id: chosen }) => {
      input.value = "";
      take([chosen]);
    },
  });
  drawChips();
  const box = field({ id, label, hint, error, control: input });
  input.after(list, unknown);
  box.classList.add("places");
  box.append(chips);
  return box;
}

/** Messages of a problem document by field, `{field: message}`; those of none of `fields` are under `""`. */
export function fieldErrors(problem, fields) {
  const messages = {};
  const errors = problem.errors ?? [];
  for (const { field: name, message } of errors) {
    const key = fields.find((field) => name === field || name.startsWith(`${field}.`) || name.startsWith(`${field}[`)) ?? "";
    messages[key] = [messages[key], capital(message)].filter(Boolean).join(" ");
  }
  return errors.length > 0 ? messages : { "": errorText(problem) };
}

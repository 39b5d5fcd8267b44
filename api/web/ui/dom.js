/** DOM elements without markup strings, so that names from data never become HTML. */

/** A screen on which the panel and the map have no room beside each other; style.css has the same width. */
export const NARROW = window.matchMedia("(max-width: 760px)");

/** Create `tag` with properties, `class`, `aria-*`/`data-*` attributes, listeners (`onclick`) and children. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name in element && !name.includes("-")) element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const byId = (id) => document.getElementById(id);

export const hint = (text) => el("p", { class: "hint" }, text);

/** A button that is not the main one of its form. */
export const quietButton = (text, onclick, attributes = {}) =>
  el("button", { type: "button", class: "quiet", onclick, ...attributes }, text);

/** A mark of a legend or list: an empty (or one-letter) `span` of a class in a colour of the data. */
export function mark(name, background, text = "") {
  const span = el("span", { class: name, "aria-hidden": "true" }, text);
  if (background) span.style.background = background;
  return span;
}

/** The mark of a class of areas that is not sure. */
export function hatched(name) {
  const swatch = mark("swatch unsure");
  swatch.style.backgroundColor = `var(--shown-${name})`;
  return swatch;
}

/** A list item whose button selects `{type, key}`; `children` are its content. */
export function listItem({ type, key, selection, onSelect }, ...children) {
  const chosen = selection?.type === type && selection.id === key;
  return el("li", {}, el("button", {
    type: "button", class: "item", "data-key": key, "aria-current": chosen ? "true" : null,
    onclick: () => onSelect({ type, id: key }),
  }, ...children));
}

/** A labelled bar; `share` (0..1) is the filled part (null: no bar), `text` the value beside it. */
export function bar(label, share, text) {
  const fill = el("span", { class: "bar-fill" });
  fill.style.width = `${Math.round(Math.min(1, Math.max(0, share ?? 0)) * 100)}%`;
  return el(
    "li",
    { class: "bar" },
    el("span", { class: "bar-label" }, label),
    el("span", { class: "bar-value" }, text),
    share === null ? null : el("span", { class: "bar-track", "aria-hidden": "true" }, fill),
  );
}

/** Render `place` again and restore the keyboard focus to the same control. */
export function keepingFocus(place, render) {
  const active = document.activeElement;
  const hadFocus = active && active !== place && place.contains(active);
  const { id, name } = active ?? {};
  const key = active?.dataset?.key;
  render();
  if (!hadFocus || active.isConnected) return;
  const same = [id && `#${CSS.escape(id)}`, key && `[data-key="${CSS.escape(key)}"]`, name && `[name="${CSS.escape(name)}"]`];
  const selector = same.find(Boolean);
  if (selector) place.querySelector(selector)?.focus({ preventScroll: true });
}

/** Show a tooltip beside the pointer; null hides it. */
export function showTip(text, point) {
  const tip = byId("tip");
  tip.hidden = !text;
  if (!text) return;
  tip.textContent = text;
  const width = tip.parentElement.clientWidth;
  const right = point.x > width / 2;
  tip.style.left = right ? "" : `${point.x + 14}px`;
  tip.style.right = right ? `${width - point.x + 14}px` : "";
  tip.style.top = `${Math.max(6, point.y - 10)}px`;
}

let announceTimer = 0;

/** Announce a text to screen readers (live region) without moving the focus. */
export function announce(text) {
  const place = byId("announce");
  clearTimeout(announceTimer);
  place.textContent = "";
  announceTimer = setTimeout(() => {
    place.textContent = text;
  }, 80);
}

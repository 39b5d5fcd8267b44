/** Building elements without markup strings: names from data never become HTML. */

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

/** A labelled bar; `share` 0..1 is how much of it is filled, `text` is what it says. */
export function bar(label, share, text) {
  const fill = el("span", { class: "bar-fill" });
  fill.style.width = `${Math.round(Math.min(1, Math.max(0, share)) * 100)}%`;
  return el(
    "li",
    { class: "bar" },
    el("span", { class: "bar-label" }, label),
    el("span", { class: "bar-value" }, text),
    el("span", { class: "bar-track", "aria-hidden": "true" }, fill),
  );
}

let announceTimer = 0;

/** Say something to a screen reader without moving the focus. */
export function announce(text) {
  const place = document.getElementById("announce");
  clearTimeout(announceTimer);
  place.textContent = "";
  announceTimer = setTimeout(() => {
    place.textContent = text;
  }, 80);
}

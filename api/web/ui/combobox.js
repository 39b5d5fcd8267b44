/** One text box with a list of hits under it: keyboard, pointer and screen reader (ARIA's combobox with a listbox). */

import { announce, el } from "./dom.js";
import { t } from "../i18n/i18n.js";
import { errorText } from "./messages.js";

const SHORTEST = 2;

/**
 * Wire `input` and `list`; options get the ids `${prefix}hit-0`, ...
 * `find(text, signal)` gives hits `[{name, kind, ...}]` or a promise of them, `wait` ms after the last key;
 * `onChoose(hit)` takes one; `empty()` says that there is none.
 */
export function wireCombobox({ input, list, prefix = "", wait = 0, find, onChoose, empty = () => t("web.search_none") }) {
  /** The question that is open or answered in the list. */
  let asked = null;
  /** Enter was pressed before the answer was there. */
  let hasty = false;
  let hits = [];
  let active = -1;

  const forget = () => {
    active = -1;
    input.removeAttribute("aria-activedescendant");
  };
  const close = () => {
    asked?.abort();
    asked = null;
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    forget();
  };
  const choose = (hit) => {
    close();
    onChoose(hit);
  };
  const mark = (index) => {
    active = index;
    [...list.children].forEach((option, i) => {
      option.setAttribute("aria-selected", String(i === index));
      if (i === index) option.scrollIntoView({ block: "nearest" });
    });
    input.setAttribute("aria-activedescendant", `${prefix}hit-${index}`);
  };
  const option = (hit, i) => el("li", {
    id: `${prefix}hit-${i}`, role: "option", "aria-selected": "false",
    onmousedown: (event) => event.preventDefault(), // the text box keeps the focus, and so the list stays
    // Not before: once the list is gone, the click of the same touch would be of what stands under it.
    onclick: () => choose(hit),
  }, el("span", {}, hit.name), el("small", {}, hit.kind));
  /** Ask anew; an older question that is still open is dropped. */
  const update = async () => {
    close();
    hits = [];
    hasty = false;
    if (input.value.trim().length < SHORTEST) return;
    asked = new AbortController();
    const { signal } = asked;
    let none = empty();
    try {
      if (wait) await new Promise((resolve) => setTimeout(resolve, wait));
      if (signal.aborted) return;
      hits = await find(input.value, signal);
    } catch (error) {
      none = errorText(error);
    }
    if (signal.aborted) return;
    if (hasty && hits.length > 0) return choose(hits[0]);
    list.replaceChildren(...(hits.length > 0 ? hits.map(option) : [el("li", { class: "none" }, none)]));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    announce(hits.length > 0 ? t("web.search_count", { count: hits.length }) : none);
  };

  input.addEventListener("input", update);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", async (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (list.hidden) await update();
      // With no hit marked, up marks the last one as down marks the first.
      const from = active < 0 && step < 0 ? hits.length : active;
      if (!list.hidden && hits.length > 0) mark((from + step + hits.length) % hits.length);
    } else if (event.key === "Enter" && asked) {
      event.preventDefault();
      if (list.hidden) hasty = true;
      else if (hits.length > 0) choose(hits[Math.max(0, active)]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
}

/** The frame of a desk: its rooms as buttons, one of them open; the address names what is open. */

import { el, hint } from "../../static/ui/dom.js";
import { t } from "../../static/i18n/i18n.js";

/**
 * `rooms`: each has `key`, `title` (key of a text), `render(place)`, `open(argument)`, `resume()` (chosen without one), `leave()` (Back took it from the address) and `close()`.
 * `note` is the key of a text above every room, beneath one of a list that comes first (`listFirst`): what this desk has not, and who has.
 * Returns what the page calls: `render(pane)`, `follow(text)`, `close()`.
 */
export function createDesk(context, rooms, note = null) {
  let current = rooms[0];
  let pane = null;

  const choose = (room, argument = null) => {
    // Clear the other room's layer; a room with a result draws its own again.
    if (room !== current) context.draw([]);
    current = room;
    if (argument === null) room.resume?.();
    else room.open?.(argument);
    draw();
  };
  const draw = () => {
    if (!pane?.isConnected) return;
    const body = el("div", {});
    pane.classList.add("work");
    pane.replaceChildren(
      el("div", { class: "desks", role: "group", "aria-label": t("web_desk.desk_rooms") }, rooms.map((room) =>
        el("button", {
          type: "button",
          "data-room": room.key,
          "aria-pressed": String(room === current),
          onclick: () => {
            context.setWork(room.key);
            choose(room);
            pane.querySelector(`[data-room="${room.key}"]`)?.focus();
          },
        }, t(room.title)))),
      note && !current.listFirst ? hint(t(note)) : "",
      body,
      note && current.listFirst ? hint(t(note)) : "",
    );
    current.render(body);
  };
  const follow = (text) => {
    if (!text) return current.leave?.();
    const [key, argument = null] = text.split(":");
    const room = rooms.find((candidate) => candidate.key === key);
    if (room) return choose(room, argument);
    const comparing = key === "compare" && rooms.find(({ compare }) => compare);
    if (!comparing || !argument) return;
    choose(comparing);
    comparing.compare(argument.split(","));
  };
  /** Open a room at something in it, as a link in the address would. */
  context.enter = (text) => {
    context.setWork(text);
    follow(text);
    pane?.querySelector("h2")?.focus();
  };
  follow(context.work());
  return {
    render(place) {
      pane = place;
      draw();
    },
    follow,
    close() {
      for (const room of rooms) room.close?.();
      pane?.replaceChildren();
    },
  };
}

/** A group of buttons of which one is pressed. */
export function segments(label, options, chosen, onChoose) {
  return el("div", { class: "segments", role: "group", "aria-label": label }, options.map(([value, text]) =>
    el("button", { type: "button", "aria-pressed": String(value === chosen), "data-value": value, onclick: () => onChoose(value) }, text)));
}

/** A problem of the whole request, not of one field. */
export function problemBox(text) {
  return text ? el("p", { class: "problem", role: "alert" }, text) : null;
}

/** A form that checks its fields itself; `attributes` are those of its submit button. */
export const submitForm = (onSubmit, text, attributes, ...fields) => el(
  "form",
  { class: "plan-form", noValidate: true, onsubmit: (event) => {
    event.preventDefault();
    onSubmit();
  } },
  ...fields,
  el("p", { class: "row" }, el("button", { type: "submit", ...attributes }, text)),
);

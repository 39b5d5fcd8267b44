/** Loads the modules and texts of a desk after sign-in, and drops them after sign-out. */

import { ROOT } from "./data.js";
import { currentLanguage, setDeskTexts } from "../i18n/i18n.js";
import { showPlanning } from "../panel/planning.js";

/**
 * The desk of the session.
 *
 * `context` is passed to it: what it reads (`library`, `session()`, `areaName`) and does (`draw(features, legend, layers)` on
 * the map as desk-picture.js puts it there, `bring(box)` into view, `locate(box)` on a map that it opens, `select(selection)`
 * a card, `setWork(text)` in the address, `refresh()` the tabs).
 */
export function createDeskLoader(context) {
  let desk = null;
  let page = null;
  /** Desk and language of what the tab shows. */
  let rendered = null;

  return {
    get opened() {
      return desk !== null;
    },

    /** Load the desk of `session`; without a sign-in there is none. */
    async open(session) {
      if (session.desk_page === page && desk) return;
      page = session.desk_page;
      const before = desk;
      desk?.close();
      desk = null;
      rendered = null;
      context.draw([]);
      const folder = page && `desk/${encodeURIComponent(page)}`;
      try {
        const [module] = await Promise.all([folder && import(new URL(`${folder}/desk.js`, ROOT).href), setDeskTexts(folder)]);
        if (!module) return before && context.refresh();
        if (session.desk_page === page) desk = module.openDesk({ ...context, tier: session.tier });
      } catch (error) {
        // Without the desk the page is still a map; the console names the fault.
        console.warn(error);
      }
      context.refresh();
    },

    /** Render the desk in its tab, unless it is there already in this language; without a sign-in, whose work it is. */
    show(pane) {
      if (!page) return showPlanning(pane);
      const current = `${page} ${currentLanguage()}`;
      if (!desk || (rendered === current && pane.childElementCount > 0)) return;
      rendered = current;
      desk.render(pane);
    },

    /** What to do once the session is signed out; null where its owner would rather stay. */
    leaving: async () => (desk?.leaving ? desk.leaving() : () => undefined),

    /** What the desk adds to a card, from the service's answer about its place. */
    cardParts: (extra) => desk?.cardParts?.(extra) ?? [],

    /** What the desk adds to a port of the list. */
    portNotes: (row) => desk?.portNotes?.(row) ?? [],

    /** What the desk puts above the list of corridors; the same element again while its language is. */
    corridorForm: () => desk?.corridorForm?.() ?? null,

    /** The address changed: open what it names. */
    follow(text) {
      desk?.follow(text);
    },
  };
}

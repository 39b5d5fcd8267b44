/** The part of the page that only a desk has: it is fetched after sign-in, and gone after sign-out. */

import { ROOT } from "./data.js";
import { currentLanguage, setDeskTexts } from "../i18n/i18n.js";

/**
 * Holds the desk of the session.
 *
 * `context` is handed to it: what it may read (`library`, `session()`, `areaName`) and do (`draw(features, legend)` on
 * the map, `showOnly(names)` of the map's layers, `bring(box)` into view, `setWork(text)` for the address, `refresh()` the tabs).
 */
export function createDeskLoader(context) {
  let desk = null;
  let page = null;
  /** What stands in the tab: the desk and the language it was drawn in. */
  let rendered = null;

  return {
    get opened() {
      return desk !== null;
    },

    /** Fetch the desk of `session`; without a sign-in there is none. */
    async open(session) {
      if (session.desk_page === page && desk) return;
      page = session.desk_page;
      desk?.close();
      desk = null;
      rendered = null;
      context.draw([], null);
      const folder = page && `desk/${encodeURIComponent(page)}`;
      try {
        const [module] = await Promise.all([folder && import(new URL(`${folder}/desk.js`, ROOT).href), setDeskTexts(folder)]);
        if (!module) return;
        if (session.desk_page === page) desk = module.openDesk({ ...context, tier: session.tier });
      } catch (error) {
        // A page without the desk still is a map; the console says what was missing.
        console.warn(error);
      }
      context.refresh();
    },

    /** Draw the desk into its tab, unless it stands there already in this language. */
    show(pane) {
      const current = `${page} ${currentLanguage()}`;
      if (!desk || (rendered === current && pane.childElementCount > 0)) return;
      rendered = current;
      desk.render(pane);
    },

    /** The address changed: open what it names. */
    follow(text) {
      desk?.follow(text);
    },
  };
}

/** The part of the page that only a desk has: it is fetched after sign-in, and gone after sign-out. */

import { ROOT } from "./data.js";
import { currentLanguage } from "./i18n.js";

/**
 * Holds the desk of the session.
 *
 * `context` is handed to it: what it may read (`library`, `session()`, `areaName`) and do (`draw(features, legend)` on
 * the map, `showOnly(names)` of the map's layers, `bring(box)` into view, `setWork(text)` for the address, `refresh()` the tabs).
 */
export function createWork(context) {
  let desk = null;
  let tier = "public";
  let shown = null;

  return {
    get there() {
      return desk !== null;
    },

    /** Fetch the desk of `session`; without a sign-in there is none. */
    async open(session) {
      if (session.tier === tier && desk) return;
      tier = session.tier;
      desk?.close();
      desk = null;
      shown = null;
      context.draw([], null);
      if (tier === "public") return;
      try {
        const { openDesk } = await import(new URL(`desk/${encodeURIComponent(tier)}/desk.js`, ROOT).href);
        if (session.tier === tier) desk = openDesk({ ...context, tier });
      } catch (error) {
        // A page without the desk still is a map; the console says what was missing.
        console.warn(error);
      }
      context.refresh();
    },

    /** Draw the desk into its tab, unless it stands there already in this language. */
    show(pane) {
      const now = `${tier} ${currentLanguage()}`;
      if (!desk || (shown === now && pane.childElementCount > 0)) return;
      shown = now;
      desk.render(pane);
    },

    /** The address changed: open what it names. */
    follow(text) {
      desk?.follow(text);
    },
  };
}

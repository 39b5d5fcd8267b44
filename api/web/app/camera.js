/** Where the map looks: at the reader's own province or the country, and at what is selected. */

import { featureBox } from "../map/layers.js";
import { HOME_BOX, MARGIN_PX } from "../map/extent.js";
import { showBox } from "../map/map.js";

/** Closest zoom at which a place of a type is shown whole. */
const CLOSEST = { corridor: 8, area: 8, settlement: 10 };
const CLOSEST_POINT = 9;

/**
 * @param {object} options `library`, `store`, `province()` (the code of the own one, or null), `mapNow()` (the map once it
 *   can be moved, else null), `begun` (the address gave a view), `awaited` (it gave a selection and no view).
 */
export function createCamera({ library, store, province, mapNow, begun, awaited }) {
  const own = () => (province() ? library.get("areas", province()) : null);
  const boxOf = (code) => (code && library.get("areas", code) && featureBox(library.get("areas", code))) || null;
  const homeBox = () => boxOf(province()) ?? HOME_BOX;

  function home(first = false) {
    if (mapNow() && own()) showBox(mapNow(), homeBox(), { padding: MARGIN_PX, first });
  }

  /** What a desk drew while there was no map yet. */
  let drawn = null;

  function showSelected() {
    const { selection } = store.get();
    const feature = library.selected(selection);
    if (!mapNow() || !feature) return;
    awaited = false;
    const box = featureBox(feature);
    if (box) showBox(mapNow(), box, { maxZoom: CLOSEST[selection.type] ?? CLOSEST_POINT });
  }

  return {
    homeBox,
    /** Show the own province of a desk that has one. */
    home,
    /** Show the province that a list or a form was narrowed to; without a code all of the reader's. */
    province(code) {
      if (mapNow()) showBox(mapNow(), boxOf(code) ?? homeBox(), { padding: MARGIN_PX });
    },
    /** Show what a desk drew, now or when the map opens. */
    bring(box, maxZoom) {
      if (mapNow()) showBox(mapNow(), box, { maxZoom });
      else drawn = [box, maxZoom];
    },
    /** Show what is selected, now or when its place is known. */
    select() {
      awaited = true;
      showSelected();
    },
    /** The map is ready, or rows have come: what waits for them is shown; the first view is the own province. */
    arrived() {
      if (drawn && mapNow()) {
        const [box, maxZoom] = drawn;
        [drawn, begun] = [null, true];
        showBox(mapNow(), box, { maxZoom, first: true });
      } else if (awaited) showSelected();
      else if (!begun && mapNow() && own()) {
        begun = true;
        home(true);
      }
    },
  };
}

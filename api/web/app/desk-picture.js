/** What a desk puts on the map, in place of the reader's layers and only while its tab is open. */

const NOTHING = { features: [], legend: [], layers: [] };

/** `isOpen()` says whether the tab is open, `onChange()` is called when there is another picture. */
export function createDeskPicture({ isOpen, onChange }) {
  let picture = NOTHING;
  const shown = () => (isOpen() ? picture : NOTHING);
  return {
    /** Features made by overlay.js, groups of the legend, and names of the layers that stay beneath; nothing without features. */
    put(features, legend, layers = []) {
      picture = features.length > 0 ? { features, legend: [legend ?? []].flat(), layers } : NOTHING;
      onChange();
    },
    get features() {
      return shown().features;
    },
    get legend() {
      return shown().legend;
    },
    /** Layers in place of the reader's; null where those stay. */
    get layers() {
      return shown() === NOTHING ? null : picture.layers;
    },
  };
}

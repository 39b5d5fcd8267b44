/** What the map is of; the first picture needs it before the map is there. */

/** From Arabia to New Guinea: all that people leave for. */
export const LIMITS = [[25, -55], [180, 60]];
/** Indonesia. */
export const HOME_BOX = [[94.9, -11.1], [141.1, 6.2]];
/** Free pixels around what a view is about. */
export const MARGIN_PX = 24;

/** The view `{lng, lat, zoom}` of an address's parameters; nothing where it is missing or none. */
export function viewIn(parameters) {
  const [lat, lng, zoom, ...more] = (parameters.get("at") ?? "").split(",").map(Number);
  const known = more.length === 0 && Math.abs(lat) <= 85 && Math.abs(lng) <= 180 && zoom >= 0 && zoom <= 22;
  return known ? { lng, lat, zoom } : undefined;
}

/** Where a frame of the map takes long, it is drawn in fewer pixels while it moves. */

/** Of the pixels in a row, and the milliseconds of a frame from which it is so. */
const SHARE = 0.5;
const SLOW_MS = 50;

/** Draw `map` coarser while it moves slowly, and as the screen shows it once it is still. */
export function coarseInMotion(map) {
  const coarse = () => SHARE * window.devicePixelRatio;
  const isCoarse = () => map.getPixelRatio() === coarse();
  let slow = false;
  /** A library that changes the ratio ends the movement and tells of another one: neither is wanted. */
  const setRatio = (ratio) => {
    Object.assign(map, { stop: () => map, fire: () => map });
    map.setPixelRatio(ratio);
    delete map.stop;
    delete map.fire;
  };
  map.on("movestart", () => {
    slow = false;
  });
  map.on("render", () => {
    if (slow || !map.isMoving()) return;
    const drawn = performance.now();
    requestAnimationFrame(() => {
      slow ||= map.isMoving() && performance.now() - drawn > SLOW_MS;
    });
  });
  // Within a frame, of which the picture follows: a canvas of another size is empty.
  map.on("move", () => slow && !isCoarse() && setRatio(coarse()));
  map.on("idle", () => {
    if (!isCoarse()) return;
    setRatio();
    map.redraw();
  });
}

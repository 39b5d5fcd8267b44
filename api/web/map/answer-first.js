/** The page answers a reader before the map draws: where the processor draws the map, a frame of it takes longer than an answer may. */

/** What a reader does, and hears or sees an answer to. */
const DEEDS = ["pointerdown", "pointerup", "click", "keydown", "input", "change"];

const owed = new Set();
let unanswered = 0;

/** Do `work` at once, or after the next picture of the page where it owes a reader one; `onHeld()` is called if so. */
export function afterAnswer(work, onHeld = () => undefined) {
  if (unanswered === 0) return work();
  owed.add(work);
  return onHeld();
}

function release() {
  unanswered -= 1;
  if (unanswered > 0) return;
  const works = [...owed];
  owed.clear();
  for (const work of works) work();
}

/**
 * Let no frame of `map` begin between what a reader does outside it and the next picture of the page, also where that
 * makes the map larger or smaller (so the map must not track its size itself); `onHeld()` is called for what waits.
 */
export function answerFirst(map, onHeld) {
  const container = map.getContainer();
  const repaint = map.triggerRepaint.bind(map);
  /** A canvas of another size is empty until it is drawn. */
  const fit = () => map.resize().redraw();
  map.triggerRepaint = () => afterAnswer(repaint, onHeld);
  new ResizeObserver(() => afterAnswer(fit, onHeld)).observe(container);
  for (const deed of DEEDS) {
    document.addEventListener(deed, ({ target }) => {
      if (container.contains(target)) return;
      unanswered += 1;
      // A task that a frame's callback queues runs once that frame is painted; the next one lets it reach the screen first.
      requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(release)));
    }, { capture: true, passive: true });
  }
}

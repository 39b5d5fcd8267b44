/** The tab of years, which comes when it is opened or once the page rests: lists do not wait for it. */

/** A moment after the lists, in which a reader on a slow line has them first. */
const REST_MS = 4000;

/** `context` as `createTimeTab` takes it; `onHere()` draws anew, `onError(error)` tells of a part that did not come. */
export function createLateTimeTab(context, { onHere, onError }) {
  let tab = null;
  let coming = null;
  const come = (onFailed) => {
    coming ??= import("../panel/time.js").then(({ createTimeTab }) => {
      tab = createTimeTab(context);
      onHere();
    });
    coming.catch((error) => {
      coming = null;
      onFailed(error);
    });
  };
  return {
    comeAtRest: () => setTimeout(() => come(() => undefined), REST_MS), // without a network: when it is opened
    show: (pane) => (tab ? tab.show(pane) : come(onError)),
    draw: () => tab?.draw(),
    legend: () => tab?.legend() ?? [],
  };
}

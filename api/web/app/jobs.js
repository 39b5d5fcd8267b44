/** Jobs on the service: start, poll, cancel. */

import { fetchJson } from "./data.js";

const FIRST_MS = 400;
const LAST_MS = 2000;
const OVER = ["done", "failed", "cancelled"];

export const isOver = (job) => OVER.includes(job?.state);

/** Start a job; resolves to its state. */
export async function startJob(path, body) {
  const { job } = await fetchJson(path, { method: "POST", body });
  return fetchJson(jobPath(job));
}

const jobPath = (id) => `v1/jobs/${encodeURIComponent(id)}`;

/** Poll a job until it is over, calling `onChange(job)`; returns a function that stops polling. */
export function followJob(id, { onChange, onError }) {
  let timer = 0;
  let stopped = false;
  let wait = FIRST_MS;
  const poll = async () => {
    let job = null;
    try {
      job = await fetchJson(jobPath(id));
    } catch (error) {
      // A lost connection does not end the job; an answer that there is no such job does.
      if (!stopped && error.kind !== "offline") return onError(error);
    }
    if (stopped) return;
    // What goes wrong in drawing it is a fault of the page, not of the job.
    if (job) onChange(job);
    if (isOver(job)) return;
    wait = Math.min(LAST_MS, wait * 1.25);
    timer = setTimeout(poll, wait);
  };
  poll();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** Cancel a job, or delete one that is over. */
export const cancelJob = (id) => fetchJson(jobPath(id), { method: "DELETE" });

/** Paths of a finished job's spreadsheet and layer. */
export const sheetPath = (id) => `${jobPath(id)}/result.xlsx?lang=${document.documentElement.lang}`;
export const layerPath = (id) => `${jobPath(id)}/displacement`;

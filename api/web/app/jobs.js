/** Long work on the service: begin, follow, cancel. */

import { ServiceError, fetchJson } from "./data.js";

const FIRST_MS = 400;
const LAST_MS = 2000;
const OVER = ["done", "failed", "cancelled"];

export const isOver = (job) => OVER.includes(job?.state);

/** Begin; answers the job as the service knows it. */
export async function startJob(path, body) {
  const { job } = await fetchJson(path, { method: "POST", body });
  return fetchJson(jobPath(job));
}

const jobPath = (id) => `v1/jobs/${encodeURIComponent(id)}`;

/** Ask for a job until it is over; `onChange(job)` each time. Answers a function that stops asking. */
export function followJob(id, { onChange, onError }) {
  let timer = 0;
  let stopped = false;
  let wait = FIRST_MS;
  const ask = async () => {
    try {
      const job = await fetchJson(jobPath(id));
      if (stopped) return;
      onChange(job);
      if (isOver(job)) return;
    } catch (error) {
      if (stopped) return;
      // A moment without the service is no end of the work; that it knows no such job is.
      if (!(error instanceof ServiceError) || error.kind !== "offline") return onError(error);
    }
    wait = Math.min(LAST_MS, wait * 1.25);
    timer = setTimeout(ask, wait);
  };
  ask();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** End a job, or forget one that is over. */
export const cancelJob = (id) => fetchJson(jobPath(id), { method: "DELETE" });

/** Where a finished job's spreadsheet and layer are. */
export const sheetPath = (id) => `${jobPath(id)}/result.xlsx`;
export const layerPath = (id) => `${jobPath(id)}/displacement`;

/**
 * Sends what waits. A visit is an import of its own: what is sent twice is one import, since its id is that of its content.
 * A tick of an adopted plan (`put` is the address of its step) says a month, which is the same however often it is said.
 */

import { ServiceError, fetchJson } from "../../static/app/data.js";
import { claimVisit, dropVisit, returnVisit } from "./waiting-visits.js";

const KIND = "outreach";
/** Headings of the import, and what stands there; a visit kept by an earlier page has a year alone. */
const COLUMNS = {
  area_code: ({ code }) => code,
  organisation: ({ organisation }) => organisation,
  year: ({ month, year }) => (month ?? year).slice(0, 4),
  month: ({ month = "" }) => (month.length === 7 ? month : ""),
  people: ({ people = "" }) => people,
  note: ({ note }) => note,
};
const SENDING_MS = 90_000;
/** Answers that are not about the visit: too much at once, or nobody signed in. */
const LATER = [401, 404, 409, 429];
/** What an adopted plan says of a tick is about the tick. */
const OF_PLAN = /^adopted\./;

/** Agreements under which this account may send visits. */
export async function visitAgreements() {
  const { agreements } = await fetchJson("v1/imports/agreements");
  return agreements.filter(({ kinds }) => kinds.includes(KIND));
}

const quoted = (value) => `"${String(value).replaceAll('"', '""')}"`;
const table = (visit) => `${Object.keys(COLUMNS).join()}\n${Object.values(COLUMNS).map((value) => quoted(value(visit))).join()}\n`;

/** Send `visits` under an agreement; one that is refused is kept with the reason. Resolves to how many were sent. */
export async function sendVisits(visits, under) {
  let sent = 0;
  for (const { id } of visits) {
    const visit = await claimVisit(id);
    if (!visit) continue;
    try {
      await sendVisit(visit, under);
    } catch (error) {
      // A step that is not there (any more) is asked for in vain however often.
      const ofTick = OF_PLAN.test(error.code) || (visit.put && error.status === 404);
      const refused = error instanceof ServiceError && error.kind === "refused" && (!LATER.includes(error.status) || ofTick);
      await returnVisit({ ...visit, ...(refused ? { reason: { code: error.code, detail: error.detail } } : {}) });
      if (refused) continue;
      throw error;
    }
    await dropVisit(id);
    sent += 1;
  }
  return sent;
}

async function sendVisit(visit, under) {
  if (visit.put) {
    await fetchJson(visit.put, { method: "PUT", body: { month: visit.month || null, under }, timeoutMs: SENDING_MS });
    return;
  }
  const body = new FormData();
  body.append("kind", KIND);
  body.append("file", new File([table(visit)], "visit.csv", { type: "text/csv" }));
  const report = await fetchJson("v1/imports", { method: "POST", body, timeoutMs: SENDING_MS });
  if (report.state === "refused") {
    const [issue] = report.issues;
    throw new ServiceError("refused", 400, { code: issue?.code, detail: issue?.message });
  }
  await fetchJson(`v1/imports/${report.id}/confirm?${new URLSearchParams({ under })}`, { method: "POST" });
}

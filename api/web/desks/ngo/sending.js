/** Sends waiting visits as imports, one each: what is sent twice is one import, since its id is that of its content. */

import { ServiceError, fetchJson } from "../../static/app/data.js";
import { claimVisit, dropVisit, keepVisit } from "./waiting-visits.js";

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
      const refused = error instanceof ServiceError && error.kind === "refused" && !LATER.includes(error.status);
      await keepVisit({ ...visit, ...(refused ? { reason: { code: error.code, detail: error.detail } } : {}) });
      if (refused) continue;
      throw error;
    }
    await dropVisit(id);
    sent += 1;
  }
  return sent;
}

async function sendVisit(visit, under) {
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

/** Visits, and ticks of adopted plans, that wait on this device until the service has them, in IndexedDB; each account sees its own. */

import { ROOT } from "../../static/app/data.js";

const DATABASE = `petajaga-visits ${ROOT.pathname}`;
const VISITS = "visits";
/** Longer than a visit takes to be sent: then the tab that was sending it is gone. */
const CLAIM_MS = 120_000;

const opened = () => new Promise((resolve, reject) => {
  const asked = indexedDB.open(DATABASE, 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore(VISITS, { keyPath: "id", autoIncrement: true });
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});

/** Do `work(visits, give)` in one transaction; resolves to what it gave, once that is on disk. */
async function transact(mode, work) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(VISITS, mode, { durability: "strict" });
      let given = null;
      transaction.oncomplete = () => resolve(given);
      transaction.onabort = () => reject(transaction.error);
      work(transaction.objectStore(VISITS), (value) => {
        given = value;
      });
    });
  } finally {
    database.close();
  }
}

/** All of an account, the oldest first. */
export const waitingVisits = (account) => transact("readonly", (visits, give) => {
  const asked = visits.getAll();
  asked.onsuccess = () => give(asked.result.filter((visit) => visit.account === account));
});

/** Keep a visit: a new one, or with its `id` a changed one. */
export const keepVisit = (visit) => transact("readwrite", (visits) => visits.put({ ...visit, claimed: 0 }));

/** Keep a visit that could not be sent, unless it was removed or replaced meanwhile. */
export const returnVisit = (visit) => transact("readwrite", (visits) => {
  const asked = visits.getKey(visit.id);
  asked.onsuccess = () => asked.result !== undefined && visits.put({ ...visit, claimed: 0 });
});

export const dropVisit = (id) => transact("readwrite", (visits) => visits.delete(id));

/** The visit, for the one tab that may send it now; null for every other. */
export const claimVisit = (id) => transact("readwrite", (visits, give) => {
  const asked = visits.get(id);
  asked.onsuccess = () => {
    const visit = asked.result;
    if (!visit || visit.claimed > Date.now()) return;
    visits.put({ ...visit, claimed: Date.now() + CLAIM_MS });
    give(visit);
  };
});

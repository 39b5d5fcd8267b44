/** The NGO's desk: villages and visits first, then outreach plans, what-ifs, early warning and own files, of the own province. */

import { createAdopted } from "../common/adopted.js";
import { createImports } from "../common/imports.js";
import { createOutreach } from "../common/outreach.js";
import { createScenarios } from "../common/scenario.js";
import { createDesk } from "../common/shell.js";
import { createWarnings } from "../common/warnings.js";
import { createVillages } from "./villages.js";

export function openDesk(context) {
  const villages = createVillages(context);
  const desk = createDesk(context, [villages, createOutreach(context), createAdopted(context), createScenarios(context), createWarnings(context), createImports(context)], "web_desk.no_staffing");
  return { ...desk, leaving: villages.leaving, cardParts: villages.cardParts };
}

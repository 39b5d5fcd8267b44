/** The provincial planner's desk: what-ifs first, then outreach, what has been done, and own files, of the own province. */

import { createAdopted } from "../common/adopted.js";
import { createEvaluation } from "../common/evaluation.js";
import { createImports } from "../common/imports.js";
import { createOutreach } from "../common/outreach.js";
import { createReport } from "../common/report.js";
import { createScenarios } from "../common/scenario.js";
import { createDesk } from "../common/shell.js";
import { createWarnings } from "../common/warnings.js";
import { createCoverage } from "./coverage.js";

/** Rooms on what has been done and what it changed: coverage, early warning, and evaluation of what was done. */
const MONITORING = [createCoverage, createWarnings, createEvaluation];

export const openDesk = (context) =>
  createDesk(context, [createScenarios, createOutreach, createAdopted, createReport, ...MONITORING, createImports].map((create) => create(context)), "web_desk.no_staffing");

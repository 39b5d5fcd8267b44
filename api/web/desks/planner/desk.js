/** The provincial planner's desk: what-ifs first, then outreach and own files, of the own province. */

import { createImports } from "../common/imports.js";
import { createOutreach } from "../common/outreach.js";
import { createScenarios } from "../common/scenario.js";
import { createDesk } from "../common/shell.js";

export const openDesk = (context) => createDesk(context, [createScenarios(context), createOutreach(context), createImports(context)]);

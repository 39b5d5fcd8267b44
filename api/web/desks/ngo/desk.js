/** The NGO's desk: outreach first, then what-ifs and own files, of the own province. */

import { createImports } from "../common/imports.js";
import { createOutreach } from "../common/outreach.js";
import { createScenarios } from "../common/scenario.js";
import { createDesk } from "../common/shell.js";

export const openDesk = (context) => createDesk(context, [createOutreach(context), createScenarios(context), createImports(context)]);

/** The provincial planner's desk: what-ifs first, then outreach, of the own province. */

import { createOutreach } from "../common/outreach.js";
import { createScenarios } from "../common/scenario.js";
import { createDesk } from "../common/shell.js";

export const openDesk = (context) => createDesk(context, [createScenarios(context), createOutreach(context)]);

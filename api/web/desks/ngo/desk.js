/** The NGO's desk: outreach first, then what-ifs, of the own province. */

import { createOutreach } from "../common/outreach.js";
import { createScenarios } from "../common/scenario.js";
import { createDesk } from "../common/shell.js";

export const openDesk = (context) => createDesk(context, [createOutreach(context), createScenarios(context)]);

/** The provincial planner's desk: what-ifs first, then outreach, of the own province. */

import { addStrings } from "../../static/i18n/i18n.js";
import { createOutreach } from "../common/outreach.js";
import { createScenarios } from "../common/scenario.js";
import { createDesk } from "../common/shell.js";
import { WORDS } from "../common/words.js";

export function openDesk(context) {
  addStrings(WORDS);
  return createDesk(context, [createScenarios(context, { own: () => [] }), createOutreach(context)]);
}

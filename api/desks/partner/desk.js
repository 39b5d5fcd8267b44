/** The partner's desk: outreach and scenarios of the own province. */

import { addStrings } from "../../static/i18n.js";
import { createOutreach } from "./outreach.js";
import { createScenarios } from "./scenario.js";
import { createDesk } from "./shell.js";
import { WORDS } from "./words.js";

export function openDesk(context) {
  addStrings(WORDS);
  return createDesk(context, [createOutreach(context), createScenarios(context, { own: () => [] })]);
}

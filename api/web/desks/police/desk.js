/** The police desk: posts, outreach, scenarios. */

import { addStrings } from "../../static/i18n/i18n.js";
import { createOutreach } from "../common/outreach.js";
import { REFUSALS } from "../common/refusals.js";
import { createScenarios } from "../common/scenario.js";
import { createDesk } from "../common/shell.js";
import { WORDS } from "../common/words.js";
import { changePosts } from "./changes.js";
import { POLICE_REFUSALS } from "./refusals.js";
import { createPosts } from "./posts.js";
import { POLICE_WORDS } from "./words.js";

export function openDesk(context) {
  addStrings(WORDS);
  addStrings(POLICE_WORDS);
  REFUSALS.unshift(...POLICE_REFUSALS.filter((one) => !REFUSALS.includes(one)));
  const scenarios = createScenarios(context, { own: changePosts });
  const posts = createPosts(context, {
    toScenario(rows, hours) {
      scenarios.begin(rows.map((row) => ({ part: "posts", entry: { terminal: row.id, change: "add", hours_per_week: hours } })));
      desk.follow("scenario");
      context.setWork("scenario");
    },
  });
  const desk = createDesk(context, [posts, createOutreach(context), scenarios]);
  return desk;
}

/** The police desk: posts, watches, checks, outreach, scenarios, early warning, evaluation, own files. */

import { createAdopted } from "../common/adopted.js";
import { createEvaluation } from "../common/evaluation.js";
import { createImports } from "../common/imports.js";
import { createOutreach } from "../common/outreach.js";
import { createReport } from "../common/report.js";
import { createScenarios } from "../common/scenario.js";
import { createDesk } from "../common/shell.js";
import { createWarnings } from "../common/warnings.js";
import { loadCollection } from "../../static/app/data.js";
import { t } from "../../static/i18n/i18n.js";
import { addSigns } from "../../static/map/icons.js";
import { setBadges } from "../../static/map/layers.js";
import { createAdministration } from "./administration.js";
import { createChecks } from "./checks.js";
import { checkParts, isInForce, postNotes, postParts, shareNotes } from "./cards.js";
import { networkChanges } from "./changes.js";
import { createConsents } from "./consents.js";
import { keptShifts } from "./kept-shifts.js";
import { createPosts } from "./posts.js";
import { SIGNS } from "./signs.js";
import { createThrough } from "./through.js";
import { createWatch } from "./watch.js";

/** Help texts of the tables of persons, which only this desk gets. */
const TABLE_HELP = {
  areas: "web_police.scenario_areas_help",
  terminals: "web_police.scenario_terminals_help",
  corridors: "web_police.scenario_corridors_help",
};

/** Adopted plans of this desk alone. */
const ADOPTED = {
  posts: { kind: "web_police.adopted_kind", note: "web_police.adopted_note" },
  watch: { kind: "web_police.adopted_watch", note: "web_police.adopted_watch_note", done: "web_police.adopted_watch_done", steps: keptShifts },
};

/** Posts in force stand on the map as badges of their terminals, and in the list of ports. */
async function showPosts() {
  const posts = (await loadCollection("posts")).filter(({ properties }) => isInForce(properties));
  setBadges(posts, "post", () => t("layer.posts.title"));
  return posts.map(({ properties }) => properties);
}

export function openDesk(context) {
  addSigns(SIGNS);
  let open = true;
  let standing = [];
  showPosts().then((found) => {
    standing = found;
    return open ? context.refresh() : setBadges();
  }).catch((error) => console.warn(error));
  const national = context.session().province === null;
  const through = national && createThrough(context);
  const scenarios = createScenarios(context, national ? { moreChanges: networkChanges, tableHelp: TABLE_HELP } : {});
  const posts = createPosts(context, {
    toScenario: national && ((rows, hours) => {
      scenarios.begin(rows.map((row) => ({ part: "posts", entry: { terminal: row.id, change: "add", hours_per_week: hours } })));
      desk.follow("scenario");
      context.setWork("scenario");
    }),
  });
  const desk = createDesk(context, [posts, createWatch(context), createChecks(context), createConsents(context), createOutreach(context), createAdopted(context, ADOPTED), createReport(context), scenarios, createWarnings(context), createEvaluation(), createImports(context), ...(national && context.session().administrator ? [createAdministration(context)] : [])]);
  return {
    ...desk,
    cardParts: (extra) => [...postParts(extra), ...checkParts(extra)],
    corridorForm: () => through && through.form(),
    portNotes: (row) => [...shareNotes(row), ...postNotes(standing.filter((post) => post.terminal_id === row.id))],
    close() {
      open = false;
      setBadges();
      desk.close();
    },
  };
}

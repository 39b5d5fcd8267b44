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
import { checkParts, isInForce, portNotes, postParts, shareNotes } from "./cards.js";
import { networkChanges } from "./changes.js";
import { createConsents } from "./consents.js";
import { keptShifts } from "./kept-shifts.js";
import { newPosts } from "./new-posts.js";
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

/** Posts in force stand on the map as badges of their terminals, and in the list of ports; beside them who watched where none stands. */
async function showPosts() {
  const [rows, terminals] = await Promise.all([
    loadCollection("posts"), loadCollection("terminals", { query: "properties=id,watched&skipGeometry=true" }),
  ]);
  const posts = rows.filter(({ properties }) => isInForce(properties));
  setBadges(posts, "post", () => t("layer.posts.title"));
  return {
    posts: posts.map(({ properties }) => properties),
    watches: new Map(terminals.map(({ properties: p }) => [p.id, p.watched])),
  };
}

export function openDesk(context) {
  addSigns(SIGNS);
  let open = true;
  /** What is on record at the ports; null until it is known. */
  let record = null;
  showPosts().then((found) => {
    record = found;
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
  const desk = createDesk(context, [posts, createWatch(context), createChecks(context), createConsents(context), createOutreach(context), createAdopted(context, ADOPTED), createReport(context), scenarios, createWarnings(context), createEvaluation(context, newPosts(context)), createImports(context), ...(national && context.session().administrator ? [createAdministration(context)] : [])]);
  return {
    ...desk,
    cardParts: (extra) => [...postParts(extra), ...checkParts(extra)],
    corridorForm: () => through && through.form(),
    portNotes: (row) => [...shareNotes(row), ...(record ? portNotes(row.id, record) : [])],
    close() {
      open = false;
      setBadges();
      desk.close();
    },
  };
}

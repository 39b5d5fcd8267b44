/** The tab for everybody: whom to call first, then what trafficking is, what to check, and what to do. */

import { fetchJson } from "../app/data.js";
import { el, hint } from "../ui/dom.js";
import { currentLanguage, t } from "../i18n/i18n.js";

const said = (texts) => texts[currentLanguage()] ?? texts.en;
const list = (rows) => el("ul", { class: "plain" }, rows);
const items = (keys) => keys.map((key) => el("li", {}, t(key)));
const pretext = (row) => el("li", {}, el("strong", {}, said(row.text)), `. ${said(row.told)} `, said(row.check));
/** Of pretexts, in their order. */
const KINDS = ["ground", "offer", "papers"];
const SIGNS = [1, 2, 3, 4, 5].map((number) => `web.guide_sign_${number}`);
const STEPS = ["document.step_ask", "document.step_check", "document.step_danger"];

/** What to check and telephone lines, once asked for: they are the same for everybody. */
let guide = null;

/** Fill the pane; the service is asked once, `onError(error)` where it does not answer. */
export async function showGuide(pane, onError) {
  render(pane);
  if (guide) return;
  try {
    guide = await fetchJson("v1/guide");
    render(pane);
  } catch (error) {
    onError(error);
  }
}

function render(pane) {
  if (!guide) return pane.replaceChildren(hint(t("web.loading")));
  pane.replaceChildren(
    el("h2", {}, t("web.guide_help")),
    el("ul", { class: "plain lines" }, guide.hotlines.map((line) => el("li", {}, el("a", { href: `tel:${line.number}` }, line.number), " ", said(line.purpose), line.said ? ` (${said(line.said)})` : ""))),
    hint(t("web.guide_help_hint")),
    el("h2", {}, t("web.guide_what")), el("p", {}, t("web.guide_what_text")),
    el("h2", {}, t("web.guide_signs")), list(items(SIGNS)), hint(t("web.guide_signs_source")),
    el("h2", {}, t("web.guide_pretexts")), hint(t("web.guide_pretexts_hint")),
    ...KINDS.flatMap((kind) => [el("h3", {}, t(`web.guide_kind_${kind}`)), list(guide.pretexts.filter((row) => row.kind === kind).map(pretext))]),
    el("h2", {}, t("web.guide_do")), el("ol", {}, items(STEPS)),
    el("h2", {}, t("web.guide_map")), el("p", {}, t("web.guide_map_text")),
  );
}

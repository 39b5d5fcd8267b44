/** The page: state in, picture out. Wires session, data, map and panel together. */

import { renderAbout } from "../panel/about.js";
import { actForAnyone, fetchJson, holdRelease, listCollections } from "./data.js";
import { showGuide } from "../panel/guide.js";
import { renderDetail, renderPinned } from "../panel/detail.js";
import { announce, byId, el, keepingFocus, showTip } from "../ui/dom.js";
import { currentLanguage, setLanguage, t } from "../i18n/i18n.js";
import {
  PICK_LAYERS, SELECTS, TILED, defaultLayers, installLayers, markSelection, openTiles, paintData, setLayerData, showLayers,
} from "../map/layers.js";
import { renderLegend } from "../map/legend.js";
import { drawOverlay, installOverlay } from "../map/overlay.js";
import { wireTrouble } from "../map/trouble.js";
import { hideError, showBusy, showError, showNewRelease } from "../ui/messages.js";
import { afterAnswer } from "../map/answer-first.js";
import { completeBase, createMap, nameBasemap, paintBase, showBox } from "../map/map.js";
import { STEP } from "../panel/list-parts.js";
import { renderList } from "../panel/lists.js";
import { nameUnder, titleOf } from "../panel/titles.js";
import { createLateTimeTab } from "./late-time.js";
import { wireSearch } from "../panel/search.js";
import { ANONYMOUS, askAtStart, currentSession, showSession, tierLabel, wireSession } from "./session.js";
import { sketchCoast } from "../map/coast-placeholder.js";
import { setTabs, showTab, wireTabs } from "../panel/tabs.js";
import { STEPS, createUrlState, formatHash, isPair, parseHash } from "./url-state.js";
import { createCamera } from "./camera.js";
import { createFlowFilter } from "./flow-filter.js";
import { createLayerStore } from "./layer-store.js";
import { isNamed } from "./named-corridor.js";
import { createProfiles } from "./profiles.js";
import { createDeskLoader } from "./desk-loader.js";
import { createDeskPicture } from "./desk-picture.js";
import { createMapSheet } from "./map-sheet.js";
import { wireScreenAndPaper } from "./paper.js";
import { firstTab, layersOf, listing, openTabs, withLayerOf } from "./tab-order.js";
import { shownCorridors } from "../panel/corridor-order.js";

wireScreenAndPaper({ mapNow: () => (mapReady ? map : null), redraw: repaint, facts: () => ({ tier: session.tier, release: releaseId() }) });

const initial = parseHash(location.hash);
const store = createUrlState({
  lang: "id", tab: null, top: 20, layers: null, view: null, selection: null, against: null, work: null, time: null, only: null, ...initial,
});
let session = ANONYMOUS;
let release = null;
let map = null;
let mapReady = false;
/** Filter and length of the lists of areas and of ports. */
const choices = { areas: { province: "", limit: STEP }, ports: { province: "", limit: STEP } };
let returnTo = null;
let removeSketch = () => undefined;
let fetchTilesAgain;
const sheet = createMapSheet({ draw: drawMap, onOpen: () => release && loadAll() });
/** The address is being followed: what changes is no step of its own. */
let following = false;

const profiles = createProfiles(() => store.get().selection && renderSelected());
const library = createLayerStore({ onLayer, onError: showError, onBusy: showBusy });
const mapNow = () => (mapReady ? map : null);
const timeTab = createLateTimeTab({ store, library, onSelect: select, mapNow, areaName: (code) => areaName(code), showProvince: (code) => camera.province(code) },
  { onHere: () => store.get().tab === "time" && repaint(), onError: showError });
const camera = createCamera({
  library, store, mapNow, province: () => session.province, begun: Boolean(initial.view), awaited: Boolean(initial.selection && !initial.view),
});
const picture = createDeskPicture({ isOpen: () => store.get().tab === "work", onChange: showPicture });
const wanted = () => store.get().layers ?? defaultLayers(session.tier);
const onMap = () => withLayerOf(store.get(), wanted());
const visible = () => (picture.layers ?? flowFilter.layers(onMap())).filter((name) => library.available.includes(name));

const areaName = (code) => library.get("areas", code)?.properties.name ?? null;
const flowFilter = createFlowFilter({
  library, store, onArrive: () => [() => drawLayer("corridors"), renderPanel].forEach((draw) => draw()),
});

const deskLoader = createDeskLoader({
  library,
  session: () => session,
  areaName,
  draw: picture.put,
  bring: (box, maxZoom) => box && camera.bring(box, maxZoom),
  /** The same, for a reader who asks to see it: the map opens where it is closed. */
  locate: (box, maxZoom) => sheet.open().then(() => showBox(map, box, { maxZoom })),
  select, work: () => store.get().work,
  setWork: (text) => store.set({ work: text }),
  refresh: () => [renderPanel, drawLegend].forEach((draw) => draw()),
});

// ---- loading -------------------------------------------------------------------------------

/** Load texts, session, release and names of layers, then the lists, then the map's; also after a failure or a sign-in. */
async function start() {
  document.documentElement.dataset.data = "loading";
  hideError();
  let lists = [];
  try {
    keepRelease(null);
    actForAnyone();
    const [current, manifest, layers] = await Promise.all([
      currentSession(), fetchJson("v1/releases/current"), listCollections(), setLanguage(store.get().lang),
    ]);
    session = current;
    store.set({ lang: currentLanguage(), tab: store.get().tab ?? firstTab(session) });
    for (const choice of Object.values(choices)) choice.province = session.province ?? "";
    profiles.reset();
    library.reset(session.tier, layers);
    lists = layersOf(store.get().tab).map(library.load);
    showSession(session, areaName);
    keepRelease(manifest);
  } catch (error) {
    document.documentElement.dataset.data = "error";
    await setLanguage(store.get().lang).catch(() => {}); // kept on the device perhaps, where nothing else is
    renderPanel();
    return showError(error);
  } finally {
    sheet.mayStart();
  }
  renderAll();
  nameMap();
  const listed = Promise.all(lists).then(() => performance.mark("petajaga-lists"));
  const opened = deskLoader.open(session).then(drawLegend);
  await (sheet.opened ? sheet.firstPicture : opened);
  await Promise.all([listed, opened, ...loadAll()]);
  document.documentElement.dataset.data = "ready";
  timeTab.comeAtRest();
  const { areas, corridors } = library.features;
  if (areas && corridors) announce(t("web.loaded", { corridors: corridors.length, areas: areas.length }));
}

/** What a map needs, and the visible layers; without one only what is read. */
const loadAll = () => [...(sheet.opened ? ["areas", "corridors", "terminals"].map(library.load) : []), ...loadVisible()];

/** Load the rows of the visible layers that are drawn from them, and those that the tab or a card is about. */
function loadVisible() {
  const { selection, against, tab } = store.get();
  const names = sheet.opened ? visible().filter((name) => !(name in TILED)) : [];
  names.push(...layersOf(tab), ...(selection ? ["areas"] : []));
  if (sheet.opened) names.push("ports", "destinations");
  if (tab === "work" ? sheet.opened && session.name : tab === "areas" && choices.areas.province) names.push("districts");
  return [...names.map(library.load), ...[selection, against].filter(Boolean).map(library.find)];
}

function onLayer(name) {
  drawLayer(name);
  if (name === "terminals") drawLayer("corridors");
  if (name === "ports") drawLayer("terminals");
  if (name === "areas") showSession(session, areaName);
  renderPanel();
  renderMapSelection();
  camera.arrived();
}

function drawLayer(name) {
  if (name === "counts") timeTab.draw();
  if (name === "counts") return drawLegend();
  if (!mapReady) return;
  const { top, selection } = store.get();
  let features = flowFilter.features()[name] ?? [];
  if (name === "corridors") features = shownCorridors(features, top, selection?.type === "corridor" ? library.selected(selection) : null);
  setLayerData(map, name, features, library.locate);
  drawLegend();
}

/** Label the map, and the names on it, in the language of the page. */
function nameMap() {
  if (!mapReady) return;
  map.getCanvas().setAttribute("aria-label", t("web.map_canvas"));
  nameBasemap(map);
}

// ---- panel ---------------------------------------------------------------------------------

function renderAll() {
  renderPanel();
  if (mapReady) {
    openTiles(map, session);
    for (const name of library.available) drawLayer(name);
  }
  showPicture();
  renderMapSelection();
}

/** What is on the map: the reader's layers, or those beneath what a desk draws. */
function showPicture() {
  if (mapReady) {
    showLayers(map, visible());
    drawOverlay(map, picture.features);
  }
  drawLegend();
}

const renderPanel = () => keepingFocus(byId("browse"), drawPanel);

function drawPanel() {
  const { tab, selection, against } = store.get();
  const open = selection !== null;
  if (!open) document.querySelector("main").classList.remove("comparing");
  byId("browse").hidden = open;
  byId("detail").hidden = !open;
  renderPinned(byId("pinned"), !open && against, { feature: library.selected(against), onEnd: () => store.set({ against: null }) });
  if (open) renderSelected();
  const tabs = openTabs(session, library.available, deskLoader.opened);
  setTabs(tabs);
  const shown = tabs.includes(tab) ? tab : "corridors";
  showTab(shown);
  flowFilter.render(byId("only"), tab !== "corridors");
  if (!open) {
    const redraw = () => [loadVisible, renderPanel].forEach((draw) => draw());
    renderList(shown, {
      library, session, store, select, choices, areaName, redraw, showProvince: camera.province, features: flowFilter.features(), layers: visible(), desk: deskLoader, fromOrigins: flowFilter.fromOrigins,
    });
    const others = { time: timeTab.show, guide: (pane) => showGuide(pane, showError), work: deskLoader.show };
    others[shown]?.(byId(`pane-${shown}`));
  }
  renderAbout(byId("about"), { release, id: releaseId(), tier: tierLabel(session, areaName) });
}

function renderSelected() {
  const { selection, against } = store.get();
  const layer = library.layerOf(selection.type);
  const article = byId("detail");
  if (!library.knows(selection)) {
    article.replaceChildren(el("p", { class: "hint" }, t("web.loading")));
    return;
  }
  const cards = [...(isPair(store.get()) ? [against] : []), selection].map((shown) => {
    const feature = library.selected(shown);
    if (feature) profiles.load(shown, feature);
    return { selection: shown, feature, extra: profiles.get(shown), problem: library.problem(shown) ?? profiles.problem(shown) };
  });
  document.querySelector("main").classList.toggle("comparing", cards.length > 1);
  keepingFocus(article, () => renderDetail(article, cards, {
    features: library.features[layer] ?? [],
    release: releaseId(),
    edition: release?.edition,
    attribution: release?.attribution,
    mapped: byId("no-map").hidden,
    signedIn: session.name !== null,
    parentName: areaName,
    linkTo: (other) => formatHash({ ...store.get(), selection: other }),
    deskParts: deskLoader.cardParts,
    onSelect: select,
    onBack: closeDetail, onRetry: profiles.retry,
    onShow: () => sheet.open().then(camera.select),
    onCompare: (pinned) => store.set({ against: pinned, ...(pinned && { selection: null, tab: listing(layer, store.get().tab) }) }),
  }));
}

const keepRelease = (manifest) => [release = manifest, holdRelease(releaseId())];
const releaseId = () => release?.release ?? release?.id ?? null;

function drawLegend() {
  const features = flowFilter.features();
  const corridors = (features.corridors ?? []).slice(0, store.get().top || undefined);
  renderLegend(byId("legend-body"), { visible: visible(), features: { ...features, corridors }, extra: [...flowFilter.legend(), ...picture.legend, ...timeTab.legend()] });
}

// ---- selection -----------------------------------------------------------------------------

function select(selection, more = {}) {
  if (!store.get().selection) returnTo = selection;
  const layer = library.layerOf(selection.type);
  store.set({ selection, ...more, ...(isNamed(selection) || [...wanted(), ...onMap()].includes(layer) ? {} : { layers: [...wanted(), layer] }) });
  byId("detail").querySelector("h2")?.focus({ preventScroll: true });
  byId("detail").scrollIntoView({ block: "start" });
  byId("panel").scrollTop = 0;
  afterAnswer(camera.select);
}

function closeDetail() {
  store.set({ selection: null, against: null });
  const item = returnTo && document.querySelector(`#browse .item[data-key="${CSS.escape(returnTo.id)}"]`);
  (item ?? byId(`tab-${store.get().tab}`) ?? byId("tab-corridors")).focus();
}

/** Draw all that has colours in those in force. */
function repaint() {
  if (mapReady) {
    paintBase(map);
    paintData(map);
    renderMapSelection();
    timeTab.draw();
  }
  renderPanel();
  drawLegend();
}

function renderMapSelection() {
  const { selection, against } = store.get();
  if (mapReady) markSelection(map, [selection, against].filter(Boolean), library.selected);
}

// ---- changes -------------------------------------------------------------------------------

store.subscribe((state, changed, was) => {
  const has = (...keys) => keys.some((key) => changed.includes(key));
  if (has("lang")) showSession(session, areaName);
  if (has("layers", "only", "tab", "selection", "against")) loadVisible();
  if (changed.some((key) => key !== "view")) renderPanel();
  afterAnswer(() => {
    if (has("lang")) [nameMap, ...library.available.map((name) => () => drawLayer(name))].forEach((draw) => draw());
    if (has("layers", "only", "tab", "selection")) showPicture();
    if (has("time", "tab", "selection")) timeTab.draw();
    if (has("top", "selection", "only")) drawLayer("corridors");
    if (has("only")) ["legs", "destinations"].forEach(drawLayer);
    if (has("selection", "against")) renderMapSelection();
    drawLegend(); // what is in view is in it
  });
  document.title = titleOf(library, state.selection);
  // The first tab of a session is chosen for its reader, who has not gone there.
  const step = !following && was.tab !== null && changed.some((key) => STEPS.includes(key));
  history[step ? "pushState" : "replaceState"](null, "", formatHash(state));
});

/** Load the texts of a language, then show the page in it. */
async function chooseLanguage(code) {
  try {
    await setLanguage(code);
    store.set({ lang: currentLanguage() });
  } catch (error) {
    showError(error);
  }
}

window.addEventListener("hashchange", async () => {
  const { lang, ...next } = parseHash(location.hash);
  if (lang) await chooseLanguage(lang);
  following = true;
  store.set({ layers: null, selection: null, against: null, work: null, only: null, ...next });
  following = false;
  deskLoader.follow(store.get().work);
  if (map && next.view) map.jumpTo({ center: [next.view.lng, next.view.lat], zoom: next.view.zoom });
  else if (next.selection) camera.select();
});

// ---- wiring --------------------------------------------------------------------------------

function warn(error) {
  if (error.status === 401) window.dispatchEvent(new Event("session-ended"));
  console.warn(error.message ?? error);
}

function wireMap() {
  map = createMap({
    view: initial.view ?? null,
    home: camera.homeBox,
    pickLayers: () => PICK_LAYERS,
    onMove: (view) => store.set({ view }),
    onPick([feature]) {
      if (feature?.source === "overlay") {
        const id = feature.properties._key;
        const type = ["terminal", "area", "settlement"].find((kind) => library.get(library.layerOf(kind), id));
        if (type) select({ type, id });
      } else if (feature) select({ type: SELECTS[feature.source], id: feature.properties._key });
    },
    onHover: (feature, point) => showTip(nameUnder(library, feature), point),
    onPainted() {
      removeSketch();
      sheet.painted();
    },
    onError: warn,
    onReady() {
      mapReady = true;
      installLayers(map);
      installOverlay(map);
      completeBase(map).catch(warn);
      nameMap();
      renderAll();
      camera.arrived();
      sheet.ready();
    },
    onStill(still) {
      if (mapReady) document.documentElement.dataset.map = still ? "ready" : "drawing";
    },
  });
  if (map) fetchTilesAgain = wireTrouble(map);
  else {
    sheet.painted();
    byId("no-map").hidden = false;
    document.documentElement.dataset.map = "missing";
  }
}

wireSearch({
  areaName,
  signedIn: () => session.name !== null,
  onPlanning: () => [store.set({ tab: "work", selection: null, against: null }), byId("tab-work")?.focus()],
  onChoose: (selection) => {
    returnTo = null;
    select(selection, isPair(store.get()) ? { against: null } : {});
  },
});

byId("languages").addEventListener("click", ({ target }) => {
  if (target.dataset.lang) chooseLanguage(target.dataset.lang);
});
wireTabs((tab) => store.set({ tab }));
wireSession({
  getSession: () => session,
  leaving: deskLoader.leaving,
  onError: showError,
  async onChange() {
    // The part of a shared address that needs a sign-in is kept until then.
    const room = session.name === null ? store.get().work : null;
    store.set({ selection: null, against: null, layers: null, only: null, tab: room ? "work" : null, work: room });
    await start();
    camera.home();
    announce(session.name === null ? t("web.signed_out") : t("web.signed_in", { tier: tierLabel(session, areaName) }));
  },
});
window.addEventListener("session-resumed", () => [hideError, renderAll].forEach((run) => run()));
byId("banner-retry").addEventListener("click", () => {
  if (mapReady) fetchTilesAgain();
  start();
});
window.addEventListener("new-release", showNewRelease);
byId("banner-reload").addEventListener("click", () => location.reload());
byId("banner-close").addEventListener("click", hideError);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && store.get().selection && !document.querySelector("dialog[open]") && event.target !== byId("search")) closeDetail();
});

async function drawMap(libraryRan) {
  removeSketch = await sketchCoast().catch(showError) ?? removeSketch;
  await libraryRan;
  wireMap();
}

sheet.start();
start().then(() => askAtStart(session, initial.work));

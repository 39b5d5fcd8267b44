/** How ports are drawn: the size of a sign, from which zoom it is there, and its name. */

/** Persons a year through a port, 0 where the reader's tier has none. */
export const LOAD = ["to-number", ["get", "load_mean"], 0];
/** Persons a year that a sign of the full diameter stands for. */
const FULL_LOAD = 40_000;
const SIGN_PX = 24;
/** How much larger or smaller a sign is than where nothing is known of the load but its class. */
const BY_LOAD_CLASS = ["match", ["get", "load_class"], "very_high", 1.7, "high", 1.4, "medium", 1.15, "low", 0.95, "very_low", 0.8, 1];
/** Icon size: the area of the sign is in proportion to the load, within limits of pixels; without loads it goes by their class. */
const portSize = (full, least, alike) => ["case", ["has", "load_mean"],
  ["/", ["max", least, ["*", full, ["sqrt", ["min", 1.5, ["/", LOAD, FULL_LOAD]]]]], SIGN_PX], ["*", alike, BY_LOAD_CLASS]];
export const PORT_SIZE = ["step", ["zoom"], portSize(20, 5, 0.22), 3.4, portSize(26, 8, 0.32), 4.8, portSize(32, 9, 0.4), 6, portSize(36, 10, 0.55),
  8.2, portSize(40, 13, 0.75)];
/** Ports of so many persons; where there are no loads, those of `classes`. */
const loadedFrom = (least, classes = true) => ["case", ["has", "load_mean"], [">=", LOAD, least], classes];
/** Ports at home, and those abroad too where no region stands for them. */
const ownPorts = (least, classes) => ["all", loadedFrom(least, classes), ["any", ["!", ["has", "load_mean"]], ["==", ["coalesce", ["get", "country"], "ID"], "ID"]]];
const MOST_USED = ["in", ["coalesce", ["get", "load_class"], ""], ["literal", ["high", "very_high"]]];
/** From afar only ports that matter there. */
export const PORTS_BY_ZOOM = ["step", ["zoom"], ownPorts(2000, MOST_USED), 5, ownPorts(400), 6, loadedFrom(400), 7, loadedFrom(20), 8, true];
export const NAMED_PORTS = ["step", ["zoom"], [">=", LOAD, 3000], 6, [">=", LOAD, 1000], 7, true];
/** The name, and beneath it the load. */
export const PORT_NAME = ["case", ["has", "_persons"],
  ["format", ["get", "name"], {}, "\n", {}, ["get", "_persons"], { "font-scale": 0.82 }], ["get", "name"]];

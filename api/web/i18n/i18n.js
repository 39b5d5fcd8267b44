/** The texts of the page from the service's catalogue, and how numbers are written in the reader's language. */

import { fetchJson } from "../app/data.js";
import { el } from "../ui/dom.js";

const DEFAULT_LANGUAGE = "id";
const PAGE = "static/i18n";
const PLURAL_ORDER = ["zero", "one", "two", "few", "many", "other"];

let language = DEFAULT_LANGUAGE;
let texts = {};
let pluralRules = new Intl.PluralRules(language);
/** Where the desk of the session keeps its texts; null without one. */
let desk = null;
/** Files already fetched, by path. */
const files = new Map();
let requested = language;

export const currentLanguage = () => language;

function fetchTexts(path) {
  if (!files.has(path)) {
    files.set(path, fetchJson(path).catch((error) => {
      files.delete(path);
      throw error;
    }));
  }
  return files.get(path);
}

/**
 * Load the texts of a language (of Bahasa Indonesia where there is no such one) and write them into the document:
 * the `lang` attribute, the buttons of the languages, and every element that names a text.
 * Throws ServiceError.
 */
export async function setLanguage(code) {
  requested = code;
  const { languages } = await fetchTexts(`${PAGE}/${DEFAULT_LANGUAGE}.json`);
  const chosen = Object.hasOwn(languages, code) ? code : DEFAULT_LANGUAGE;
  const loaded = await Promise.all([PAGE, desk].filter(Boolean).map((folder) => fetchTexts(`${folder}/${chosen}.json`)));
  if (requested !== code) return;
  language = chosen;
  texts = Object.assign({}, ...loaded.map(({ messages }) => messages));
  pluralRules = new Intl.PluralRules(language);
  document.documentElement.lang = language;
  writeButtons(languages);
  writeTexts();
}

/** Add the texts of the session's desk (`desk/police`), or forget them all with null. Throws ServiceError. */
export async function setDeskTexts(folder) {
  for (const path of files.keys()) if (desk && path.startsWith(desk)) files.delete(path);
  desk = folder;
  await setLanguage(requested);
}

function writeButtons(languages) {
  const group = document.getElementById("languages");
  if (group.childElementCount === 0) {
    group.append(...Object.entries(languages).map(([code, name]) =>
      el("button", { type: "button", "data-lang": code, lang: code, "aria-label": name }, code.toUpperCase())));
  }
  for (const button of group.children) button.setAttribute("aria-pressed", String(button.dataset.lang === language));
}

function writeTexts() {
  for (const element of document.querySelectorAll("[data-i18n]")) element.textContent = t(element.dataset.i18n);
  for (const element of document.querySelectorAll("[data-i18n-label]")) {
    element.setAttribute("aria-label", t(element.dataset.i18nLabel));
    if (element.tagName === "BUTTON") element.title = t(element.dataset.i18nLabel);
  }
  for (const element of document.querySelectorAll("[data-i18n-placeholder]")) {
    element.placeholder = t(element.dataset.i18nPlaceholder);
  }
}

/** Whether the catalogue of this session has `key`: some texts come with a desk alone. */
export const hasText = (key) => Object.hasOwn(texts, key);

/**
 * The text of `key` in the current language. `{name}` is filled from `values`; a number is written as its format says
 * (`{share:.0%}`, `{hours:,.1f}`). A text with a plural is chosen by `values.count`.
 */
export function t(key, values = {}) {
  const forms = texts[key] ?? key;
  const form = Array.isArray(forms) ? forms[pluralForm(values.count)] : forms;
  return form.replace(/\{(\w+)(?::([^}]*))?\}/g, (placeholder, name, spec) => filled(values[name] ?? placeholder, spec));
}

function pluralForm(count) {
  const categories = PLURAL_ORDER.filter((name) => pluralRules.resolvedOptions().pluralCategories.includes(name));
  return categories.indexOf(pluralRules.select(count));
}

function filled(value, spec = "") {
  if (typeof value !== "number") return String(value);
  const digits = /\.(\d+)[f%]/.exec(spec)?.[1];
  const least = 10 ** -(2 + Number(digits ?? 0));
  if (spec.endsWith("%") && value > 0 && value < least) return t("unit.less_than", { value: percent(least, { digits }) });
  return format(value, {
    useGrouping: spec.includes(","),
    ...(spec.endsWith("%") ? { style: "percent" } : {}),
    ...(digits === undefined ? {} : { minimumFractionDigits: Number(digits), maximumFractionDigits: Number(digits) }),
  });
}

/** Whether the page has a text of this key. */
export const has = (key) => Object.hasOwn(texts, key);

/** The word for a value of the data (`label("kind", "ferry")`); the value as it is where there is none. */
export function label(family, value) {
  const key = `${family}.${String(value).toLowerCase().replace(/[^a-z0-9]+/g, "_")}`;
  return has(key) ? t(key) : String(value).replaceAll("_", " ");
}

/** The same word where it begins a line. */
export const title = (family, value) => capital(label(family, value));

/** A text with a capital first letter. */
export const capital = (text) => text.charAt(0).toLocaleUpperCase(language) + text.slice(1);

export const className = (value) => label("class", value ?? "not_assessed");

/** Of a text the service gives in every language (`{id, en}`), the reader's; a plain text as it is. */
export const translated = (text) => (typeof text === "string" ? text : (text?.[language] ?? text?.en ?? ""));

/** Kept, since one takes a hundred times as long to make as to use. */
const formats = new Map();

function format(value, options) {
  const key = `${language} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(language, options));
  return formats.get(key).format(value);
}

/** The smallest amounts that are written as numbers. */
export const LEAST_PERSONS = 0.1;
export const LEAST_SHARE = 0.01;

/** Persons: two significant digits, as the command line and the brief write them; small ones are no false zero. */
export function persons(value) {
  if (value > 0 && value < LEAST_PERSONS) return `< ${format(LEAST_PERSONS, {})}`;
  return format(value, { maximumSignificantDigits: 2, roundingMode: "halfEven" });
}

export const score = (value) => decimals(value, 1);
export const decimals = (value, digits) =>
  format(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
export const whole = (value) => decimals(value, 0);

/** A share. One that is not nothing is not written as 0%, nor is any below `least`, where less is not known or not told. */
export function percent(value, { digits = 0, least = 0 } = {}) {
  const shown = { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits };
  const floor = Math.max(least, value > 0 ? LEAST_SHARE * 10 ** -digits : 0);
  return value >= 0 && value < floor ? `< ${format(floor, shown)}` : format(value, shown);
}

export const today = () => new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(new Date());

/** A day (ISO 8601). */
export const day = (iso) => new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" }).format(new Date(iso));

/** A month in words, of `2026-07`; of a year alone the year. */
export const month = (iso) =>
  iso.length < 7 ? iso : new Intl.DateTimeFormat(language, { month: "long", year: "numeric", timeZone: "UTC" }).format(new Date(iso));

/** What a count is of that is none of its whole year: of `2019-01/2019-09` the months, of `events` reported ones; else empty. */
export function partOfYear(period) {
  if (!period) return "";
  return period === "events" ? t("web.of_events") : t("web.part_of_year", { months: monthsOf(period) });
}

/** The months of a period alone, `Jan–Jul`; what is of no months says what it is of. */
export function monthsOf(period) {
  if (!period || period === "events") return partOfYear(period);
  const short = (iso) => new Intl.DateTimeFormat(language, { month: "short", timeZone: "UTC" }).format(new Date(iso));
  return [...new Set(period.split("/").map(short))].join("–");
}

/** A point in time (ISO 8601) in the reader's time zone. */
export const moment = (iso) => new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));

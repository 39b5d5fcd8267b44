/** Periods of a plan: a quarter, a half-year or a year; their names, and those to choose from. */

import { t } from "../../static/i18n/i18n.js";

const QUARTERS = 4;
const HALVES = 2;
const PARTS = [["Q", 3, "quarter"], ["H", 6, "half"]];

/** A period (`2026-Q4`, `2026-H2`, `2026`) in words. */
export function periodName(code) {
  const [year, part] = code.split("-");
  const kind = PARTS.find(([letter]) => letter === part?.[0])?.[2] ?? "year";
  return t(`period.${kind}`, { year, number: part?.[1] ?? "" });
}

/** This quarter and the next, this half-year and the next, this year and the next. */
export function comingPeriods() {
  const now = new Date();
  const at = (letter, length, ahead) => {
    const day = new Date(now.getFullYear(), now.getMonth() + ahead * length, 1);
    return `${day.getFullYear()}-${letter}${Math.floor(day.getMonth() / length) + 1}`;
  };
  const years = [0, 1].map((ahead) => String(now.getFullYear() + ahead));
  return [...PARTS.flatMap(([letter, length]) => [0, 1].map((ahead) => at(letter, length, ahead))), ...years];
}

/** The periods of last year, this year and the next. */
export function nearPeriods() {
  const year = new Date().getFullYear();
  return [year, year - 1, year + 1].flatMap((one) => [
    ...Array.from({ length: QUARTERS }, (_, k) => `${one}-Q${k + 1}`),
    ...Array.from({ length: HALVES }, (_, k) => `${one}-H${k + 1}`),
    String(one),
  ]);
}

/** The quarter of today. */
export function thisQuarter() {
  const now = new Date();
  return `${now.getFullYear()}-Q${Math.floor(now.getMonth() / 3) + 1}`;
}

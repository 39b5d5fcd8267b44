"""Why an area has the score it has: parts against the province, gaps, areas alike, one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from routes.framework import Framework, Indicator
from routes.gaps import LEFT_OUT
from routes.protection import COUNT_INDICATORS
from routes.vulnerability import VulnerabilityIndex

__all__ = ["CLASS_WORDS", "Explainer", "Explanation", "Part"]

CLASS_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "very low": "sangat rendah", "low": "rendah", "medium": "sedang", "high": "tinggi",
        "very high": "sangat tinggi", "unknown": "belum diketahui",
    }
)  # fmt: skip
_UNITS_ID = MappingProxyType({"percent": "persen", "hours": "jam", "years": "tahun"})
_TELLING = 0.02
"""Log points from which a part is worth a word: two per cent of the index."""
_ALIKE = 3


@dataclass(frozen=True)
class Part:
    """Contribution of one indicator.

    Attributes
    ----------
    slug : str
    log_points : float
        ``w (ln x - median of the province)``; above 0 makes the area more vulnerable.
    value, median : float
        Of the area and of its province, in the indicator's unit; NaN where not its own.
    basis : str
        Empty for an own value, else whence it comes.
    """

    slug: str
    log_points: float
    value: float
    median: float
    basis: str


@dataclass(frozen=True)
class Explanation:
    """One area explained; parts from the heaviest to the lightest."""

    code: str
    parts: tuple[Part, ...]
    gaps: tuple[str, ...]
    alike: tuple[str, ...]
    sentence_id: str
    sentence_en: str


class Explainer:
    """Explains the areas of one level.

    Parameters
    ----------
    index : VulnerabilityIndex
        Fitted.
    table : DataFrame
        The values it was fitted to.
    names : mapping of str to str
        Of the areas and their provinces.
    """

    def __init__(
        self, index: VulnerabilityIndex, table: pd.DataFrame, names: Mapping[str, str]
    ) -> None:
        self._index, self._names = index, names
        self._items = {i.slug: i for i in index.framework.indicators if i.slug in index.used_}
        codes = pd.Series(index.score_.index, index=index.score_.index)
        # a province is compared with the country, everything below with its province
        group = codes.str[:2].where(codes.str.len() > 2, "ID")
        logs = index.log_values_
        groups = logs.groupby(group)
        there = logs.notna() * index.weights_
        share = there.div(there.sum(axis=1), axis=0)
        values = table.reindex(index=logs.index, columns=list(index.used_))
        filled = logs.fillna(groups.transform("median")).fillna(logs.median())
        # plain arrays by row: thousands of areas are explained, and a look-up by label is slow
        self._codes = [str(code) for code in codes]
        self._row = {code: row for row, code in enumerate(self._codes)}
        self._group = group.to_numpy(object)
        self._values = values.to_numpy()
        self._medians = values.groupby(group).transform("median").to_numpy()
        self._parts = (share * (logs - groups.transform("median"))).fillna(0.0).to_numpy()
        self._flags = index.imputed_.to_numpy(object)
        self._known = index.score_.notna().to_numpy()
        self._labels = index.class_.to_numpy(object)
        self._some = logs.notna().any(axis=1).to_numpy()
        self._spot = (filled * np.sqrt(index.weights_)).to_numpy()
        self._apart = ~(self._known & np.isfinite(self._spot).all(axis=1))

    def explain(self, code: str) -> Explanation:
        """Explain one area by its code (:class:`KeyError` for one that is not there)."""
        row, used = self._row[code], self._index.used_
        flags, points = self._flags[row], self._parts[row]
        parts = [
            Part(
                used[k], float(points[k]), float(self._values[row, k]),
                float(self._medians[row, k]), str(flags[k]),
            )
            for k in np.argsort(-points, kind="stable")
            if self._known[row] and flags[k] != LEFT_OUT
        ]  # fmt: skip
        gaps = tuple(slug for slug, flag in zip(used, flags, strict=True) if flag != "")
        alike = self._alike(row) if self._some[row] else ()
        return Explanation(
            code, tuple(parts), gaps, alike,
            self._sentence(code, parts, gaps, "id"), self._sentence(code, parts, gaps, "en"),
        )  # fmt: skip

    def _alike(self, row: int) -> tuple[str, ...]:
        far = ((self._spot - self._spot[row]) ** 2).sum(axis=1)
        far[row] = np.inf
        far[self._apart] = np.inf
        last = np.partition(far, min(_ALIKE, len(far)) - 1)[min(_ALIKE, len(far)) - 1]
        near = np.flatnonzero((far <= last) & np.isfinite(far))
        order = near[np.argsort(far[near], kind="stable")][:_ALIKE]
        return tuple(self._codes[k] for k in order)

    def _sentence(self, code: str, parts: list[Part], gaps: tuple[str, ...], lang: str) -> str:
        name = self._names.get(code, code)
        row = self._row[code]
        label = str(self._labels[row])
        if label == "unknown":
            return {
                "id": f"Kerentanan {name} belum dapat dihitung karena datanya belum ada.",
                "en": f"The vulnerability of {name} cannot be told: there are no data yet.",
            }[lang]
        above = self._group[row]
        whole = self._names.get(above, {"id": "Indonesia", "en": "Indonesia"}[lang])
        worse = [self._phrase(p, lang) for p in parts if p.log_points >= _TELLING][:2]
        better = [self._phrase(p, lang) for p in parts[::-1] if p.log_points <= -_TELLING][:1]
        if lang == "id":
            text = f"Kerentanan {name} {CLASS_WORDS[label]}"
            text += f"; yang memberatkan dibanding wilayah lain di {whole}: " if worse else ""
            text += " dan ".join(worse)
            text += f"; yang meringankan: {better[0]}" if better else ""
            if not worse and not better:
                text += f", seperti umumnya di {whole}"
            text += (
                f"; {len(gaps)} dari {len(self._items)} angka bukan milik {name} sendiri"
                * bool(gaps)
            )
            return text + "."
        text = f"Vulnerability of {name} is {label}"
        text += f"; heavier than elsewhere in {whole}: " if worse else ""
        text += " and ".join(worse)
        text += f"; lighter: {better[0]}" if better else ""
        if not worse and not better:
            text += f", as is common in {whole}"
        text += f"; {len(gaps)} of {len(self._items)} figures are not {name}'s own" * bool(gaps)
        return text + "."

    def _phrase(self, part: Part, lang: str) -> str:
        item = self._items[part.slug]
        text = item.text_id if lang == "id" else item.text_en
        text = text[:1].lower() + text[1:] if not text[:2].isupper() else text
        higher = (part.log_points > 0) == (item.direction == "up")
        if (item.take or item.slug) in COUNT_INDICATORS or np.isnan(part.value):
            word = ("lebih tinggi", "lebih rendah") if lang == "id" else ("higher", "lower")
            return f"{text} {word[0 if higher else 1]}"
        return f"{text} {_amount(part.value, item, lang)} " + (
            f"(umumnya {_amount(part.median, item, lang)})"
            if lang == "id"
            else f"(commonly {_amount(part.median, item, lang)})"
        )


def _amount(value: float, item: Indicator, lang: str) -> str:
    """A value with its unit, as written in the language."""
    text = f"{value:.1f}"
    if lang == "en":
        return f"{text} {item.unit}".replace(" index", "")
    unit = _UNITS_ID.get(item.unit, "")
    return f"{text.replace('.', ',')} {unit}".strip()


def framework_texts(framework: Framework) -> dict[str, tuple[str, str]]:
    """Name of each indicator: (Bahasa Indonesia, English)."""
    return {i.slug: (i.text_id, i.text_en) for i in framework.indicators}

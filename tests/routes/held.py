"""Counts as if an agency held them."""

from __future__ import annotations

from dataclasses import replace

from geo.dataset import Dataset


def held_copy(dataset: Dataset) -> Dataset:
    """The same data with every count and indicator held."""
    return replace(
        dataset,
        counts=dataset.counts.assign(held=True),
        indicators=dataset.indicators.assign(held=True),
    )

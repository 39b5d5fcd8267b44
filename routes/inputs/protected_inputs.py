"""The dataset as the model may use it: counts of people rounded as they are published.

Scores and classes are published at every tier, so they are computed from the rounded counts and
never from the true ones: two datasets that differ only in what rounding hides give the same
scores. The cells are those of :mod:`geo.disclosure`, the same that a release publishes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from geo.dataset import Dataset
from geo.disclosure import protected_counts, protected_indicators

__all__ = ["protected_inputs"]


def protected_inputs(
    dataset: Dataset, secret: bytes, person_counts: Collection[str] = ()
) -> Dataset:
    """Round the counts and the indicators that count persons.

    Parameters
    ----------
    dataset : Dataset
    secret : bytes
        Key of the home, from :func:`geo.disclosure.release_secret`.
    person_counts : collection of str
        Indicators that count persons, beside :data:`geo.disclosure.COUNT_INDICATORS`: those of
        the framework (:attr:`routes.vulnerability.framework.Framework.person_counts`).

    Returns
    -------
    Dataset
        ``counts`` are cells (:func:`geo.disclosure.protected_counts`), without terminals and notes.

    Examples
    --------
    >>> from geo.dataset import load_dataset
    >>> protected = protected_inputs(load_dataset(), b"a secret of 32 bytes for tests..")
    >>> bool((protected.counts["value"] % 5 == 0).all())
    True
    """
    return replace(
        dataset,
        indicators=protected_indicators(
            dataset.indicators, secret=secret, person_counts=person_counts
        ),
        counts=protected_counts(dataset.counts, secret=secret),
    )

"""The dataset as the model may use it: published counts as they stand, held ones protected.

Scores and classes are published at every tier, so they are computed from protected counts and
never from the true ones (:mod:`geo.disclosure`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from geo.dataset import Dataset
from geo.disclosure import pooled_counts, protected_indicators

__all__ = ["protected_inputs"]


def protected_inputs(
    dataset: Dataset, secret: bytes, person_counts: Collection[str] = ()
) -> Dataset:
    """Protect the held counts and the held indicators that count persons.

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
        ``counts`` as :func:`geo.disclosure.pooled_counts` gives them.

    Examples
    --------
    >>> from geo.dataset import load_dataset
    >>> dataset = load_dataset()
    >>> protected = protected_inputs(dataset, b"a secret of 32 bytes for tests..")
    >>> bool(protected.counts["held"].any()), len(protected.counts) == len(dataset.counts)
    (False, True)
    """
    return replace(
        dataset,
        indicators=protected_indicators(
            dataset.indicators, secret=secret, person_counts=person_counts
        ),
        counts=pooled_counts(dataset.counts, secret=secret),
    )

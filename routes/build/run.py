"""From the dataset to a build under ``var/model``: fit everything, write it, read it back.

A build is named by the hash of everything it came from, so the same data, parameters and code give
the same build.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

from geo.dataset import Dataset
from geo.disclosure import KEY_FILE, release_secret
from geo.errors import InputError
from geo.paths import Home
from geo.progress import ProgressCallback, silent
from geo.source_digest import source_digest
from routes.build.assemble import assemble
from routes.build.model import Build
from routes.build.parameters import DRAWS, SEED, ModelParameters
from routes.build.store import open_build, write_model
from routes.ensemble.parallel import check_cluster
from routes.vulnerability.framework import FRAMEWORK_FILE, Framework

__all__ = ["build_id", "build_model"]


def build_id(
    dataset: Dataset,
    home: Home | str | Path | None = None,
    *,
    seed: int = SEED,
    draws: int = DRAWS,
    parameters: ModelParameters | None = None,
) -> str:
    """Name of the build that these data and parameters give with this code: 12 hex digits.

    The home's own framework counts too and, where there are held counts, its rounding secret: they
    change the scores. What is hashed of the secret does not give it away. Without held counts the
    same data have the same name in every home.

    Examples
    --------
    >>> from geo.dataset import load_dataset
    >>> dataset = load_dataset()
    >>> build_id(dataset) == build_id(dataset), build_id(dataset) == build_id(dataset, seed=1)
    (True, False)
    """
    digest = hashlib.sha256(dataset.digest.encode())
    where = Home.resolve(home)
    framework = where.root / FRAMEWORK_FILE
    if framework.exists():
        digest.update(framework.read_bytes())
    if dataset.holds_counts and (where.root / KEY_FILE).exists():
        digest.update(hmac.new(release_secret(where), b"build", hashlib.sha256).digest())
    chosen = {"seed": seed, "draws": draws, **(parameters or ModelParameters()).as_dict()}
    digest.update(json.dumps(chosen, sort_keys=True).encode())
    digest.update(source_digest().encode())
    return digest.hexdigest()[:12]


def build_model(
    dataset: Dataset,
    home: Home | str | Path | None = None,
    *,
    seed: int = SEED,
    draws: int = DRAWS,
    parameters: ModelParameters | None = None,
    workers: int | None = 1,
    cluster: str | None = None,
    progress: ProgressCallback | None = None,
) -> Build:
    """Fit everything and write it to the home; what was there is replaced only when all is done.

    Parameters
    ----------
    workers : int, optional
        Local processes for the draws, None for as many as pay. Default: here, for a program that
        is no module of its own would be run again by each process.
    cluster : str, optional
        Address of a Dask scheduler for the draws, ``tcp://host:port``. Where they are computed
        changes nothing in the result, so it is no part of the build's name.

    Raises
    ------
    ModelError, DataFileError
        From the parts; nothing is left half-written.
    EnvironmentProblem
        If the home cannot be written, or the cluster cannot be used.

    Examples
    --------
    >>> from geo.dataset import load_dataset
    >>> build = build_model(load_dataset(), "var", draws=20)  # doctest: +SKIP
    """
    if cluster is not None:
        if workers not in {None, 1}:
            raise InputError("workers.two_ways", field="cluster")
        workers = None
        check_cluster(cluster)
    chosen = parameters or ModelParameters()
    where = Home.resolve(home)
    secret = release_secret(where)
    made = assemble(
        dataset,
        chosen,
        framework=Framework.of_home(where),
        secret=secret,
        name=build_id(dataset, where, seed=seed, draws=draws, parameters=chosen),
        seed=seed,
        draws=draws,
        workers=workers,
        cluster=cluster,
        progress=progress or silent,
    )
    files = {
        name: getattr(dataset, name) for name in ("regency_cells", "basemap", "basemap_layers")
    }
    write_model(where, made, files=files, dataset=dataset)
    del made  # before the same is read back: a nation's would be there twice
    return open_build(home)

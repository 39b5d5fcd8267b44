"""Puts the service together: release, register, routes, error answers, guard."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware

from api.auth.audit import AuditWriter
from api.auth.keys import Keys
from api.auth.rate_limit import SignInLimiter
from api.auth.second_factor import SecondFactors
from api.auth.sessions import Sessions
from api.auth.vault import Vault
from api.endpoints import (
    administration,
    adopted_plans,
    areas,
    contacts,
    corridors,
    counts,
    coverage,
    desk_files,
    documents,
    exports,
    guide,
    health,
    imports,
    interventions,
    jobs,
    keys,
    metrics,
    ogc,
    packs,
    page_texts,
    plans,
    pretexts,
    rebuild,
    releases,
    reports,
    scenarios,
    search,
    second_factor,
    session,
    terminals,
    warnings,
)
from api.endpoints.query import note_repeated
from api.endpoints.site import add_site
from api.http.metrics import Metrics
from api.http.middleware import Guard
from api.http.problems import add_error_handlers
from api.http.public_address import PublicAddress
from api.http.schemas import PROBLEM
from api.register.database import Register
from api.register.opening import register_of
from api.settings import Settings
from api.state.contact_checks import ContactChecks
from api.state.evaluator import Evaluator
from api.state.fair_queue import FairThreads
from api.state.idempotency import IdempotentAnswers
from api.state.jobs import Jobs
from api.state.rebuilds import Rebuilds
from api.state.release_holder import ReleaseKeeper
from api.state.retention import remove_old
from geo.errors import EnvironmentProblem, StateError
from geo.imports.proposals import SWEEP_SECONDS, sweep_proposals

__all__ = ["create_app"]

log = logging.getLogger("petajaga.api")
GZIP_LEVEL = 6
"""One more than 5 makes the page 0.8 % smaller; three more, a quarter of a percent beyond that."""

_DESCRIPTION = (
    "Areas, terminals, corridors and services for preventing trafficking in persons in Indonesia. "
    "Anonymous requests get the public tier. Numbers of counts are rounded; unknown is null."
)


async def _sweep_regularly(settings: Settings, register: Register) -> None:
    """Remove what is old enough, at the start and every few minutes."""
    while True:
        await run_in_threadpool(sweep_proposals, settings.resolved_home)
        try:
            await run_in_threadpool(remove_old, settings, register)
        except (StateError, EnvironmentProblem) as error:  # the service goes on; doctor says it too
            log.warning("%s", error)
        await asyncio.sleep(SWEEP_SECONDS)


def _add_oidc(app: FastAPI, settings: Settings, vault: Vault) -> None:
    """Add the sign-in by the agency's own service."""
    from api.auth.oidc import Provider  # its HTTP client takes a third of a second to import
    from api.endpoints import oidc

    secret = settings.oidc_client_secret
    app.state.oidc = Provider(
        str(settings.oidc_issuer),
        client_id=settings.oidc_client_id,
        client_secret=secret.get_secret_value() if secret else None,
        vault=vault,
    )
    app.include_router(oidc.router)


def create_app(settings: Settings) -> FastAPI:
    """Build the service on the current release of ``settings.home``.

    Raises
    ------
    StateError, BrokenReleaseError
        There is no release, or it is not whole.
    EnvironmentProblem
        The register cannot be opened, or its file is damaged.
    """
    keeper = ReleaseKeeper(
        settings.resolved_home,
        check_seconds=settings.release_check_seconds,
        approved_only=settings.serves_others,
    )
    try:
        register = register_of(settings)
        register.check_pages()
    except BaseException:
        keeper.close()
        raise

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        sweeping = asyncio.create_task(_sweep_regularly(settings, register))
        yield
        sweeping.cancel()
        for worker in app.state.workers:
            worker.close()
        keeper.close()
        app.state.audit.close()
        register.close()

    app = FastAPI(
        title="Petajaga",
        version="1",
        description=_DESCRIPTION,
        openapi_url=None,  # served per tier, see api.endpoints.site
        responses={"4XX": PROBLEM, "5XX": PROBLEM},
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(note_repeated)],
        lifespan=lifespan,
    )
    key = settings.secret.get_secret_value().encode() if settings.secret else b""
    app.state.settings = settings
    app.state.metrics = Metrics()
    app.state.home = settings.resolved_home
    app.state.keeper = keeper
    app.state.register = register
    app.state.audit = AuditWriter(register, bulk=settings.bulk_alert)
    app.state.sessions = Sessions(register, lifetime=settings.session_lifetime, key=key)
    app.state.jobs = Jobs()
    app.state.rebuilds = Rebuilds(settings.resolved_home)
    app.state.evaluator = Evaluator()
    app.state.answers = IdempotentAnswers()
    app.state.contact_checks = ContactChecks(register)
    app.state.limiter = SignInLimiter()
    vault = Vault(key)
    app.state.second_factors = SecondFactors(register, vault=vault, limiter=app.state.limiter)
    app.state.keys = Keys(register, vault=vault)
    app.state.oidc = None
    if settings.oidc_issuer:
        _add_oidc(app, settings, vault)
    # A check of a password takes 64 MiB and every core, a file that is read up to 1 GB.
    app.state.hashing = FairThreads("session.busy", threads=1, most_of_one=16, most_of_group=32)
    app.state.reading = FairThreads("import_http.busy", threads=2, most_of_one=2, most_of_group=8)
    app.state.workers = (
        app.state.jobs, app.state.rebuilds, app.state.evaluator, app.state.hashing,
        app.state.reading,
    )  # fmt: skip
    add_error_handlers(app)
    app.add_middleware(GZipMiddleware, minimum_size=512, compresslevel=GZIP_LEVEL)
    app.add_middleware(Guard, audit=app.state.audit, metrics=app.state.metrics)
    app.add_middleware(PublicAddress, settings=settings)
    app.include_router(page_texts.router)
    add_site(app)
    for router in ogc.ROUTERS:
        app.include_router(router, include_in_schema=False)
    for module in (
        *(health, metrics, session, second_factor, keys, areas, corridors, terminals),
        *(counts, coverage, warnings, interventions, pretexts, search, guide, releases),
        *(exports, documents, packs, administration, contacts, imports, rebuild, adopted_plans),
        *(plans, reports, jobs, scenarios, desk_files),
    ):
        app.include_router(module.router)
    return app

"""Middleware of every answer: security headers, audit, HEAD, refusal of cross-site writes (CSRF).

One plain ASGI layer, because everything passes through it and it must stay cheap.
"""

from __future__ import annotations

import logging
import time
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, QueryParams
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth.audit import AuditWriter, audit_row
from api.auth.principal import Principal
from api.errors import RefusedRequest
from api.http.logs import log_requests
from api.http.metrics import Metrics, route_of
from api.http.problems import problem_response
from api.http.public_address import local_path
from geo.errors import EnvironmentProblem
from geo.i18n import Message as Text

__all__ = ["CONTENT_SECURITY_POLICY", "Guard"]

# MapLibre starts its workers from a blob.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self' blob:; child-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

_HEADERS = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
)
_RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in _HEADERS]
_OF_DOCUMENTS = {
    b"content-security-policy", b"x-frame-options", b"cross-origin-opener-policy",
    b"permissions-policy",
}  # fmt: skip
"""Heeded of a document or a worker alone, a third of what a phone takes of a short script."""
_OF_PARTS = [header for header in _RAW_HEADERS if header[0] not in _OF_DOCUMENTS]
_PARTS, _WORKER = (b"text/javascript", b"text/css"), "/service-worker.js"
_HSTS = (b"strict-transport-security", b"max-age=31536000")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_MAX_BODY = 64 * 1024
# An imported file, and the form around it; the role is checked before it is read.
_MAX_FILE = 33 * 1024 * 1024
_FILES = "/v1/imports"
_CLIENT_GONE = 499
"""Status, in the log and the metrics alone, of a request whose client broke off while sending."""

log = logging.getLogger("petajaga.api")


class Guard:
    """The middleware; see the module's docstring."""

    def __init__(self, app: ASGIApp, *, audit: AuditWriter, metrics: Metrics) -> None:
        self.app = app
        self.audit = audit
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        method: str = scope["method"]
        answer = _Answer(scope, send, self.audit, head=method == "HEAD")
        try:
            if refusal := _refusal(scope):
                response = problem_response(Request(scope), refusal.status_code, refusal.message)
                await response(scope, receive, answer)
                return
            if method not in _SAFE:
                receive = _bounded(receive, _most_bytes(scope))
            # The routes know GET; HEAD is the same answer without its body.
            inner = {**scope, "method": "GET"} if method == "HEAD" else scope
            answer.inner = inner
            await self.app(inner, receive, answer)
        except ClientDisconnect:
            answer.status = _CLIENT_GONE
        except Exception:
            log.exception("unexpected failure at %s", route_of(answer.inner))
            if answer.status:
                raise
            response = problem_response(Request(scope), 500, Text("http.internal"))
            await response(scope, receive, answer)
        finally:
            seconds, route = time.perf_counter() - started, route_of(answer.inner)
            self.metrics.answered(method, route, answer.status, seconds)
            log_requests.info(
                "answered",
                extra={
                    "method": method, "route": route, "status": answer.status,
                    "seconds": round(seconds, 4),
                },
            )  # fmt: skip


class _Answer:
    """Sends an answer: audits it first, adds the headers, drops the body of a HEAD."""

    def __init__(self, scope: Scope, send: Send, audit: AuditWriter, *, head: bool) -> None:
        self.inner = scope
        self.status = 0  # none sent yet
        self._send = send
        self._audit = audit
        self._head = head
        self._replaced = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            principal = self.inner["state"].get("principal")
            if isinstance(principal, Principal) and principal.name is not None:
                try:
                    await self._audit.record(self._row(principal, message["status"]))
                except Exception as error:
                    # An answer that cannot be audited is not sent.
                    known = isinstance(error, EnvironmentProblem)
                    log.error("the audit cannot be written: %s", error, exc_info=not known)  # noqa: TRY400
                    await self._refuse()
                    return
            self.status = message["status"]
            await self._send({**message, "headers": [*message["headers"], *self._headers(message)]})
        elif self._replaced:
            return
        elif message["type"] == "http.response.body" and self._head:
            await self._send({**message, "body": b""})
        else:
            await self._send(message)

    def _headers(self, message: Message) -> list[tuple[bytes, bytes]]:
        kind = dict(message["headers"]).get(b"content-type", b"")
        is_part = kind.startswith(_PARTS) and local_path(self.inner) != _WORKER
        own = _OF_PARTS if is_part else _RAW_HEADERS
        # Of a host that others share (a prefix) it is not ours to say.
        whole_host = self.inner["scheme"] == "https" and not self.inner["state"]["prefix"]
        return [*own, _HSTS] if whole_host else own

    def _row(self, principal: Principal, status: int) -> dict[str, Any]:
        scope = self.inner
        endpoint = scope.get("endpoint")
        names = list(QueryParams(scope.get("query_string", b"")).keys() if status < 400 else ())
        if principal.key:
            names.append(f"key:{principal.key}")
        return audit_row(
            account=principal.name or "",
            tier=principal.tier,
            action=getattr(endpoint, "__name__", "unknown"),
            status=status,
            target=local_path(scope),
            parameters=names,
        )

    async def _refuse(self) -> None:
        self._replaced = True
        self.status = 503
        answer = problem_response(Request(self.inner), 503, Text("http.audit_failed"))
        start = {"type": "http.response.start", "status": 503, "headers": answer.raw_headers}
        headers = [*answer.raw_headers, *self._headers(start)]
        body = b"" if self._head else answer.body
        await self._send({**start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _refusal(scope: Scope) -> RefusedRequest | None:
    """Why a request is refused before anything else, if it is."""
    headers = Headers(scope=scope)
    if len(headers.getlist("host")) != 1:  # RFC 9112, section 3.2
        return RefusedRequest(400, "http.host")
    if scope["method"] in _SAFE:
        return None
    origin, host = headers.get("origin"), headers["host"]
    if site := headers.get("sec-fetch-site"):  # browsers compare with the address they show
        if site not in ("same-origin", "none"):
            return RefusedRequest(403, "http.cross_site")
    elif origin is not None and urlsplit(origin).netloc != host:
        return RefusedRequest(403, "http.other_origin", origin=origin, host=host)
    length = headers.get("content-length", "0")
    most = _most_bytes(scope)
    if length.isdecimal() and int(length) > most:
        return RefusedRequest(413, "http.too_large", most=most)
    return None


def _most_bytes(scope: Scope) -> int:
    return _MAX_FILE if local_path(scope) == _FILES else _MAX_BODY


def _bounded(receive: Receive, most: int) -> Receive:
    received = 0

    async def bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise RefusedRequest(413, "http.too_large", most=most)
        return message

    return bounded

"""Run the service: check what it needs, take the port, serve until interrupted."""

from __future__ import annotations

import errno
import gc
import signal
import socket
import time
from collections.abc import Callable

import uvicorn

from api.app import create_app
from api.http.connections import BoundedProtocol
from api.http.logs import log_config
from api.settings import Settings, netloc
from geo.errors import EnvironmentProblem, os_reason

__all__ = ["run"]

_TICKS_A_SECOND = 10


def run(settings: Settings, *, on_ready: Callable[[str], None]) -> None:
    """Serve the current release until interrupted (Ctrl-C or SIGTERM).

    Port 0 takes a free one; ``on_ready`` is called once with the address, as soon as requests are
    answered.

    Raises
    ------
    StateError, BrokenReleaseError
        There is no release, or it is not whole.
    EnvironmentProblem
        The port is taken or not allowed, or the register cannot be written.
    """
    # The port first: when it is taken, nothing else is worth doing.
    listener = _listen(settings.host, settings.port)
    try:
        app = create_app(settings)
        # What is loaded by now is never freed: the garbage collector can leave it out.
        gc.collect()
        gc.freeze()
        config = uvicorn.Config(
            app,
            http=BoundedProtocol,
            forwarded_allow_ips=settings.trusted_proxies,  # their connections stand for many
            log_config=log_config(settings.log_format),
            log_level="warning",
            access_log=False,  # the audit is the record; an access log would keep addresses
            server_header=False,
            date_header=True,
            proxy_headers=False,  # api.http.public_address believes those of trusted proxies
            timeout_graceful_shutdown=10,
        )
        address = netloc(settings.host, listener.getsockname()[1])
        # SIGTERM ends it as Ctrl-C does: answers are finished first, then the exit code is 0.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        _Server(config, lambda: on_ready(f"http://{address}")).run(sockets=[listener])
    except KeyboardInterrupt:
        return
    finally:
        listener.close()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            self._on_ready()

    async def on_tick(self, counter: int) -> bool:
        if counter % _TICKS_A_SECOND == 0:
            now = time.monotonic()
            for connection in list(self.server_state.connections):
                if isinstance(connection, BoundedProtocol):
                    connection.end_if_slow(now)
        return await super().on_tick(counter)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise EnvironmentProblem("server.address", host=host, reason=os_reason(error)) from None
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(1024)
    except OSError as error:
        listener.close()
        code = "taken" if error.errno == errno.EADDRINUSE else "refused"
        raise EnvironmentProblem(
            f"server.port_{code}", port=port, host=host, reason=os_reason(error)
        ) from None
    return listener

"""A PostgreSQL of Debian on loopback, as long as a test needs it (mark ``postgis``)."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

_BIN = Path("/usr/lib/postgresql/15/bin")


@dataclass(frozen=True)
class Postgres:
    """A server; ``address`` is host and port."""

    address: str
    folder: Path
    options: str

    def start(self) -> None:
        self._control("-o", self.options, "start")

    def stop(self) -> None:
        """As if its machine had lost power, but for what the operating system keeps."""
        self._control("-m", "immediate", "stop")

    def new_database(self) -> str:
        """Address of a new empty database, as the settings take it."""
        name = f"d{secrets.token_hex(6)}"
        with psycopg.connect(f"postgresql://pj@{self.address}/postgres", autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://pj@{self.address}/{name}"

    def run(self, program: str, *words: str) -> None:
        """One of its own programs, as the user of the tests."""
        subprocess.run([str(_BIN / program), *words], check=True, capture_output=True, timeout=60)

    def _control(self, *words: str) -> None:
        data, log = str(self.folder / "data"), str(self.folder / "log")
        _as_postgres(str(_BIN / "pg_ctl"), "-D", data, "-w", "-l", log, *words)


def _as_postgres(*words: str) -> None:
    command = ["runuser", "-u", "postgres", "--", *words]
    subprocess.run(command, check=True, capture_output=True, timeout=120, cwd="/")


@contextlib.contextmanager
def running_postgres(*, fsync: bool = False) -> Iterator[Postgres]:
    """A new server; without ``fsync`` it is quick, and may lose what it has said is kept."""
    folder = Path(tempfile.mkdtemp(prefix="petajaga-postgres-"))
    shutil.chown(folder, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} "
        f"-c fsync={'on' if fsync else 'off'}"
    )
    server = Postgres(f"127.0.0.1:{port}", folder, options)
    try:
        _as_postgres(
            str(_BIN / "initdb"), "-D", str(folder / "data"), "-U", "pj", "--auth=trust",
            "--no-sync", "-E", "UTF8", "--locale=C.UTF-8",
        )  # fmt: skip
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)

"""Kills processes that write to the register, each a forked child: a script for its test.

A child writes rows of the audit, as the service does for eight requests at once, and sign-ins. It
says on a pipe what it was told is kept; then it is killed, or the database's server is.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import threading
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

from api.auth.accounts import add_account, get_account
from api.auth.audit import AuditWriter, audit_row, entries
from api.auth.sessions import Sessions
from api.register.audit_chain import verify
from api.register.opening import register_of
from api.settings import Settings
from tests.postgres import Postgres, running_postgres

_REQUESTS = 8
_NAME = "polda"
_LIFETIME = timedelta(days=1)


def _write(settings: Settings, run: int, said: int) -> None:
    register = register_of(settings)
    writer, sessions = AuditWriter(register), Sessions(register, lifetime=_LIFETIME)
    account = get_account(register, _NAME)

    def sign_in() -> None:
        while True:
            token = sessions.start(account).token
            os.write(said, f"session {token}\n".encode())

    async def requests(task: int) -> None:
        number = 0
        while True:
            target = f"{run}-{task}-{number}"
            row = audit_row(account="x", tier="police", action="read", status=200, target=target)
            await writer.record(row)
            os.write(said, f"row {target}\n".encode())
            number += 1

    async def all_requests() -> None:
        await asyncio.gather(*(requests(task) for task in range(_REQUESTS)))

    threading.Thread(target=sign_in, daemon=True).start()
    asyncio.run(all_requests())


def _kill_one(settings: Settings, run: int, least: int, crashed: Postgres | None) -> list[str]:
    """Let a child write until it has said ``least`` lines, kill it; what it has said."""
    heard, said = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(heard)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            _write(settings, run, said)
        finally:
            os._exit(1)
    os.close(said)
    with os.fdopen(heard, encoding="ascii", newline="\n") as lines:
        kept = [next(lines) for _ in range(least)]
        if crashed:
            crashed.stop()
        os.kill(child, signal.SIGKILL)
        kept += lines
    os.waitpid(child, 0)
    return [line.strip() for line in kept if line.endswith("\n")]


def main(kind: str, folder: Path, kills: int) -> None:
    """Kill ``kills`` times and check after each; print how many rows and sign-ins were kept."""
    generator, rows, tokens = random.Random(kills), set[str](), set[str]()
    with ExitStack() as stack:
        server = stack.enter_context(running_postgres(fsync=True)) if kind == "postgresql" else None
        url = server.new_database() if server else None
        settings = Settings(home=folder, database_url=url)
        with closing(register_of(settings)) as register:
            add_account(register, name=_NAME, desk="police", tier="police")
        for run in range(kills):
            crashed = server if run % 4 == 3 else None
            for line in _kill_one(settings, run, generator.randint(1, 200), crashed):
                what, name = line.split()
                {"row": rows, "session": tokens}[what].add(name)
            if crashed:
                crashed.start()
            with closing(register_of(settings)) as register:
                found = {row["target"] for row in entries(register, limit=10**6)}
                assert verify(register).rows == len(found)
                assert not rows - found
                sessions = Sessions(register, lifetime=_LIFETIME)
                assert all(sessions.find(token) for token in tokens)
    print(len(rows), len(tokens))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))

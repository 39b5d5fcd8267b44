"""The audit is one chain, whoever writes it; what others do to it is found at the first row."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from api.auth import audit
from api.auth.accounts import add_account
from api.auth.audit import AuditWriter, audit_row, entries, record
from api.register import database as db
from api.register.audit_chain import append, prune, verify
from api.register.database import Register, open_register
from api.register.opening import register_of, restart_audit
from api.settings import Settings
from api.state.retention import remove_old
from geo.errors import EnvironmentProblem, InputError, StateError
from geo.imports.days import today
from geo.paths import Home
from tests.api.conftest import DATABASES, databases
from tests.api.test_cli_errors import assert_one_line
from tests.postgres import Postgres

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., Any]

database_of = pytest.fixture(params=DATABASES)(databases)


@pytest.fixture
def settings(database_of: Callable[[Path], str], tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    return Settings(home=home, database_url=database_of(home))


@pytest.fixture
def register(settings: Settings) -> Iterator[Register]:
    with closing(register_of(settings)) as register:
        yield register


def _row(target: str) -> dict[str, Any]:
    return audit_row(account="polda", tier="police", action="read", status=200, target=target)


def _by_hand(register: Register, *statements: str) -> None:
    """What somebody does who may write to the database and is not the program."""
    guards = {
        "sqlite": ["DROP TRIGGER IF EXISTS audit_no_update",
                   "DROP TRIGGER IF EXISTS audit_no_delete"],
        "postgresql": ["ALTER TABLE audit DISABLE TRIGGER ALL"],
    }  # fmt: skip
    with register.engine.begin() as connection:
        for statement in (*guards[register.engine.dialect.name], *statements):
            connection.exec_driver_sql(statement)


def _copied(register: Register, row: int, to: int) -> str:
    names = "at, account, tier, action, target, parameters, status, mac"
    return f"INSERT INTO audit (id, {names}) SELECT {to}, {names} FROM audit WHERE id = {row}"


@pytest.mark.parametrize(
    ("statements", "code", "row"),
    [
        (["UPDATE audit SET account = 'lain' WHERE id = 7"], "row_changed", 7),
        (["UPDATE audit SET at = '2020' WHERE id = 4"], "row_changed", 4),
        (["UPDATE audit SET mac = NULL WHERE id = 10"], "row_changed", 10),
        (["DELETE FROM audit WHERE id = 6"], "row_removed", 6),
        (["DELETE FROM audit WHERE id > 8"], "row_removed", 9),
        (["DELETE FROM audit WHERE id > 8", "UPDATE audit_head SET last = 8"], "head_changed", 8),
        (["DELETE FROM audit WHERE id > 3"], "row_removed", 4),
        (["UPDATE audit SET status = 404 WHERE id = 2"], "before_changed", 4),
        (["DELETE FROM audit WHERE id = 1"], "before_changed", 4),
        (["INSERT INTO audit VALUES (0, '', '', '', '', '', '', 200, NULL)"], "before_changed", 4),
        (["INSERT INTO audit VALUES (99, '', '', '', '', '', '', 200, NULL)"], "row_added", 99),
        (["UPDATE audit SET id = 50 WHERE id = 5", "UPDATE audit SET id = 5 WHERE id = 6",
          "UPDATE audit SET id = 6 WHERE id = 50"], "row_changed", 5),
    ],
)  # fmt: skip
def test_what_others_do_is_found_at_the_first_row(
    settings: Settings, statements: list[str], code: str, row: int
) -> None:
    with closing(open_register(settings.register_url)) as old, old.begin() as connection:
        for number in (1, 2, 3):  # as the edition before the chain wrote them
            connection.execute(db.audit.insert().values(**_row(str(number)), id=number))
    with closing(register_of(settings)) as register:
        for number in range(4, 11):
            record(register, _row(f"/v1/areas/{number}"))
        whole = verify(register)
        assert (whole.before, whole.rows, whole.last) == (3, 7, 10)
        _by_hand(register, *statements)
        with pytest.raises(StateError, match="audit restart") as caught:
            verify(register)
        assert caught.value.params["what"].code == f"audit.{code}"
        assert caught.value.params["row"] == row


def test_an_audit_put_back_whole_is_found_by_a_noted_end(register: Register) -> None:
    for number in range(5):
        record(register, _row(str(number)))
    with register.begin() as connection:
        head = connection.execute(sa.select(db.audit_head)).mappings().one()
    record(register, _row("5"))
    noted = verify(register)
    record(register, _row("6"))
    assert verify(register, noted=(noted.last, noted.mac)).last == 7
    _by_hand(register, "DELETE FROM audit WHERE id > 5")
    with register.begin() as connection:
        connection.execute(db.audit_head.update().values(**head))
    assert verify(register).last == 5, "nothing in the database shows it"
    for _ in range(2):
        with pytest.raises(StateError, match="row 6"):
            verify(register, noted=(noted.last, noted.mac))
        record(register, _row("another"))


def _dated(register: Register, *days: str) -> None:
    for day in days:
        append(register, [{**_row(day), "at": f"{day}T08:00:00.000+00:00"}])


def test_rows_kept_long_enough_go_and_the_chain_goes_on(register: Register) -> None:
    _dated(register, "2024-01-01", "2024-01-02", "2024-06-01", "2024-06-02")
    noted = verify(register)
    assert prune(register, before="2024-01-01") == 0
    assert prune(register, before="2024-03-01") == 2
    whole = verify(register, noted=(noted.last, noted.mac))
    assert (whole.rows, whole.pruned, whole.before, whole.last) == (2, 2, 0, 4)
    assert [row["target"] for row in entries(register)] == ["2024-06-02", "2024-06-01"]
    _dated(register, "2024-07-01")
    assert prune(register, before="2025-01-01") == 3
    assert prune(register, before="2025-01-01") == 0
    _dated(register, "2025-02-01")
    end = verify(register)
    assert (end.rows, end.pruned, end.last) == (1, 5, 6)
    with pytest.raises(InputError, match="2") as refused:
        verify(register, noted=(2, "0" * 64))
    assert refused.value.code == "audit.noted_removed"


def test_nobody_else_shortens_the_audit_by_saying_it_was_pruned(register: Register) -> None:
    _dated(register, "2024-01-01", "2024-01-02", "2024-06-01", "2024-06-02")
    with pytest.raises(sa.exc.DBAPIError, match="append only"), register.begin() as connection:
        connection.execute(db.audit.delete())
    prune(register, before="2024-01-02")
    with pytest.raises(sa.exc.DBAPIError, match="append only"), register.begin() as connection:
        connection.execute(db.audit.delete())
    _by_hand(register, "DELETE FROM audit WHERE id = 2", "UPDATE audit_head SET start = 3")
    with pytest.raises(StateError) as broken:
        verify(register)
    assert broken.value.code == "audit.broken"


def test_an_audit_that_is_not_whole_is_not_shortened(register: Register) -> None:
    _dated(register, "2024-01-01", "2024-01-02", "2024-06-01")
    _by_hand(register, "UPDATE audit SET account = 'lain' WHERE id = 1")
    with pytest.raises(StateError):
        prune(register, before="2024-05-01")
    assert len(entries(register)) == 3


def test_old_rows_and_visits_go_while_the_service_runs(
    settings: Settings, register: Register
) -> None:
    year = int(today()[:4])
    _dated(register, f"{year - 3}-01-01", f"{year}-01-01")
    assert remove_old(settings, register) == (1, 0)
    assert [row["action"] for row in entries(register)] == ["retention", "read"]
    assert remove_old(settings, register) == (0, 0)
    assert verify(register).rows == 2


def test_another_key_or_none_adds_nothing(settings: Settings) -> None:
    with closing(register_of(settings)) as register:
        add_account(register, name="polda", desk="police", tier="police")
        record(register, _row("1"))
    path = Home.resolve(settings.home).audit_key
    assert path.stat().st_mode & 0o777 == 0o600
    kept = path.read_text()
    for content, code in (("00" * 32, "other_key"), ("00", "key_unusable"), (None, "key_unusable")):
        if content is None:
            path.unlink()
        else:
            path.write_text(content)
        with pytest.raises(StateError) as caught:
            register_of(settings)
        assert caught.value.code == f"audit.{code}"
    with closing(open_register(settings.register_url)) as register:
        with pytest.raises(StateError):
            append(register, [_row("2")])
        # whoever empties the audit and its head cannot have it begun again
        _by_hand(register, "DELETE FROM audit", "UPDATE audit_head SET key = ''")
    path.write_text(kept)
    with pytest.raises(StateError, match="audit restart"):
        register_of(settings)
    restart_audit(settings)
    assert path.read_text() != kept
    with closing(register_of(settings)) as register:
        record(register, _row("3"))
        assert (verify(register).rows, verify(register).before) == (1, 0)


def test_a_home_s_key_begins_the_chain_of_a_new_register(
    settings: Settings, database_of: Callable[[Path], str], tmp_path: Path
) -> None:
    for url in (settings.database_url, database_of(tmp_path / "another")):
        with closing(register_of(Settings(home=settings.home, database_url=url))) as register:
            record(register, _row("1"))
            assert verify(register).rows == 1


def test_processes_that_start_at_once_begin_one_chain(settings: Settings) -> None:
    code = (
        "import sys\n"
        "from api.auth.audit import audit_row, record\n"
        "from api.register.opening import register_of\n"
        "from api.settings import Settings\n"
        "sys.stdin.readline()\n"
        f"register = register_of(Settings(home={str(settings.home)!r}, "
        f"database_url={settings.register_url!r}))\n"
        "for _ in range(30):\n"
        "    record(register, audit_row(account='x', tier='police', action='read', status=200))\n"
    )
    pipe = subprocess.PIPE
    started = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdin=pipe, stderr=pipe, text=True)
        for _ in range(3)
    ]
    for process in started:
        assert process.stdin
        process.stdin.write("now\n")
        process.stdin.flush()
    assert [process.communicate(timeout=60)[1] for process in started] == [""] * 3
    with closing(register_of(settings)) as register:
        assert verify(register).rows == 90


def test_rows_of_many_requests_are_kept_together_and_in_order(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups: list[int] = []

    def counted(register: Register, rows: list[Any]) -> None:
        groups.append(len(rows))
        append(register, rows)

    monkeypatch.setattr(audit, "append", counted)
    writer = AuditWriter(register)

    async def many(thread: int) -> None:
        await asyncio.gather(*(writer.record(_row(f"{thread}-{n}")) for n in range(50)))

    threads = [threading.Thread(target=lambda k=k: asyncio.run(many(k))) for k in range(4)]  # type: ignore[misc]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    assert sum(groups) == verify(register).rows == 200
    assert len(groups) < 20
    kept = [row["target"] for row in reversed(entries(register, limit=200))]
    for thread_number in range(4):
        mine = [target for target in kept if target.startswith(f"{thread_number}-")]
        assert mine == [f"{thread_number}-{n}" for n in range(50)]


def test_a_row_is_kept_before_its_request_goes_on(register: Register) -> None:
    writer = AuditWriter(register)

    async def one() -> list[Any]:
        await writer.record(_row("/v1/areas"))
        return entries(register)

    assert asyncio.run(one())[0]["target"] == "/v1/areas"
    _by_hand(register, "ALTER TABLE audit RENAME TO elsewhere")
    with pytest.raises((EnvironmentProblem, sa.exc.DBAPIError)):
        asyncio.run(one())
    _by_hand_back = "ALTER TABLE elsewhere RENAME TO audit"
    with register.engine.begin() as connection:
        connection.exec_driver_sql(_by_hand_back)
    assert len(asyncio.run(one())) == 2, "the writer goes on"
    writer.close()


@pytest.mark.parametrize("text", ["/v1/a\x00b", "/v1/\ud800", "x" * 300, "é" * 300])
def test_any_text_of_a_client_is_kept_and_read_back(register: Register, text: str) -> None:
    record(register, _row(text))
    assert verify(register).rows == 1


def test_the_command_says_what_is_wrong_and_what_to_do(petajaga: Run, tmp_path: Path) -> None:
    petajaga("accounts", "add", "polda", "--desk", "police", "--tier", "police", home=tmp_path)
    done = petajaga("audit", "verify", home=tmp_path)
    assert done.code == 0, done.err
    assert "whole: 1 row " in done.out
    noted = done.out.split()[-1]
    petajaga("accounts", "remove", "polda", home=tmp_path)
    end = json.loads(petajaga("audit", "verify", "--noted", noted, "--json", home=tmp_path).out)
    assert (end["rows"], end["last"]) == (2, 2)
    assert_one_line(petajaga("audit", "verify", "--noted", "x", home=tmp_path), 2, "NUMBER:MAC")
    with closing(register_of(Settings(home=tmp_path))) as register:
        _by_hand(register, "UPDATE audit SET account = 'lain' WHERE id = 2")
    assert_one_line(petajaga("audit", "verify", home=tmp_path), 1, "row 2", "audit restart")
    checks = json.loads(petajaga("doctor", "--json", home=tmp_path).out)["checks"]
    assert [row["state"] for row in checks if row["check"] == "audit"] == ["fail"]
    assert petajaga("audit", "restart", home=tmp_path).code == 0
    done = petajaga("audit", "verify", "--lang", "id", home=tmp_path)
    assert done.code == 0
    assert "2 baris dari sebelum" in done.out


@pytest.mark.postgis
def test_a_dump_of_postgresql_goes_with_the_home_s_key(postgres: Postgres, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", database_url=postgres.new_database())
    with closing(register_of(settings)) as register:
        record(register, _row("1"))
        record(register, _row("2"))
        noted = verify(register)
    dump, restored = tmp_path / "register.dump", postgres.new_database()
    postgres.run("pg_dump", "-Fc", "-f", str(dump), _plain(settings.register_url))
    postgres.run("pg_restore", "-d", _plain(restored), str(dump))
    again = Settings(home=settings.home, database_url=restored)
    with closing(register_of(again)) as register:
        assert verify(register, noted=(noted.last, noted.mac)) == noted
        record(register, _row("3"))
        assert verify(register).rows == 3


def _plain(url: str) -> str:
    """As PostgreSQL's own programs take it."""
    return url.replace("postgresql+psycopg:", "postgresql:")

"""The register's schema: new, brought up to date, refused; the same on SQLite and PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError, IntegrityError

from api.auth.accounts import add_account, get_account, set_administrator
from api.auth.audit import entries
from api.auth.principal import Principal
from api.errors import NotFoundError
from api.register import database as db
from api.register.database import Register, open_register
from api.register.schema import MIGRATIONS
from api.state.scenario_store import ScenarioStore
from geo.errors import EnvironmentProblem
from tests.api.conftest import DATABASES, databases

ROOT = Path(__file__).resolve().parents[2]
OLD = ROOT / "tests" / "data" / "registers"

database_of = pytest.fixture(params=DATABASES)(databases)


@pytest.fixture
def url(database_of: Callable[[Path], str], tmp_path: Path) -> str:
    return database_of(tmp_path)


@pytest.fixture
def register(url: str) -> Iterator[Register]:
    with closing(open_register(url)) as register:
        yield register


def _execute(url: str, *statements: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def _differences(register: Register) -> list[object]:
    with register.engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection), db.METADATA)


def test_the_tables_are_those_the_program_reads(register: Register) -> None:
    assert _differences(register) == []


def test_the_versions_are_one_line_in_the_order_of_their_files() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    versions = list(ScriptDirectory.from_config(config).walk_revisions())
    files = sorted((MIGRATIONS / "versions").glob("*.py"), reverse=True)
    assert [version.path for version in versions] == [str(file) for file in files]
    assert [version.revision for version in versions] == [file.name[:4] for file in files]


@pytest.mark.parametrize("version", [2, 5])
def test_a_register_of_before_is_brought_over_without_loss(url: str, version: int) -> None:
    kind = sa.make_url(url).get_backend_name()
    for name in (f"{kind}-{version}", "rows"):
        _execute(url, *(OLD / f"{name}.sql").read_text("utf-8").strip().split(";\n"))
    for _ in range(2):  # and again, when it is up to date
        with closing(open_register(url)) as register:
            assert _differences(register) == []
            account = get_account(register, "lsm")
            assert (account.id, account.language, account.province_code) == (7, "en", "53")
            set_administrator(register, "lsm", administrator=True)
            assert get_account(register, "lsm").administrator
            assert [row["id"] for row in entries(register)] == [4, 3]
            assert [scenario.owner for scenario in ScenarioStore(register).all_for(None)] == ["lsm"]
            with register.engine.connect() as connection:
                sessions = connection.scalars(sa.select(db.sessions.c.account_id)).all()
                assert sessions == [7]
                assert not sa.inspect(connection).get_check_constraints("accounts")
                assert not sa.inspect(connection).has_table("schema_version")
    with closing(open_register(url)) as register:
        assert add_account(register, name="baru", desk="police", tier="police").account.id != 7
        with register.begin() as connection:
            connection.execute(db.accounts.delete().where(db.accounts.c.id == 7))
            assert connection.scalars(sa.select(db.sessions.c.account_id)).all() == []


def test_a_register_of_before_plans_and_interventions_gets_their_tables(url: str) -> None:
    with closing(open_register(url)) as register:
        add_account(register, name="lsm", desk="ngo", tier="partner", province_code="53")
        kept = ScenarioStore(register).add(None, name="Pos", note="", changes={}, release="r1")
    _execute(
        url, "DROP TABLE contact_checks", "DROP TABLE adopted_steps",
        "DROP TABLE adopted_plans", "DROP TABLE interventions",
        "UPDATE alembic_version SET version_num = '0005'",
    )  # fmt: skip
    for _ in range(2):
        with closing(open_register(url)) as register:
            assert _differences(register) == []
            assert get_account(register, "lsm").province_code == "53"
            assert ScenarioStore(register).all_for(None) == [kept]


def test_a_register_keeps_its_promises(register: Register) -> None:
    account = add_account(register, name="lsm", desk="ngo", tier="partner", province_code="53")
    for statement in ("DELETE FROM audit", "UPDATE audit SET account = 'x'"):
        with register.begin() as connection:
            connection.execute(db.audit.insert().values(
                at="", account="", tier="", action="", status=200
            ))  # fmt: skip
        with pytest.raises(DBAPIError, match="append only"), register.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    orphan = db.sessions.insert().values(
        token_hash="", account_id=account.account.id + 1, created_at="", expires_at=""
    )
    with pytest.raises(IntegrityError), register.engine.begin() as connection:
        connection.execute(orphan)


@pytest.mark.parametrize(
    "statements",
    [
        ["UPDATE alembic_version SET version_num = '9999'"],
        ["DROP TABLE alembic_version", "CREATE TABLE schema_version (version INTEGER)",
         "INSERT INTO schema_version VALUES (6)"],
    ],
)  # fmt: skip
def test_a_newer_register_is_refused(url: str, statements: list[str]) -> None:
    open_register(url).close()
    _execute(url, *statements)
    with pytest.raises(EnvironmentProblem, match="update Petajaga"):
        open_register(url)


def test_processes_that_start_at_once_make_one_register(url: str) -> None:
    code = (
        "import sys; from api.register.database import open_register; sys.stdin.readline(); "
        f"open_register({url!r}).close()"
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
    failures = [process.communicate(timeout=60)[1] for process in started]
    assert failures == [""] * 3
    with closing(open_register(url)) as register:
        assert _differences(register) == []


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    file = tmp_path / "ru?mah#a 100%" / "register.sqlite"
    url = sa.URL.create("sqlite", database=str(file)).render_as_string()
    open_register(url).close()
    assert file.is_file()
    assert file.stat().st_mode & 0o077 == 0


def test_scenarios_are_stored_shared_and_removed(register: Register) -> None:
    owners = [
        Principal.of(
            add_account(register, name=name, desk="ngo", tier="partner", province_code=code).account
        )
        for name, code in (("lsm-ntt", "53"), ("lain-ntt", "53"), ("lsm-ntb", "52"))
    ]
    store = ScenarioStore(register)
    changes = {"demand": [{"area": "53.04", "factor": 1.2}]}
    mine = store.add(owners[0], name="Belu", note="é", changes=changes, release="r1")
    assert store.get(owners[0], mine.id) == mine
    assert mine.changes == changes
    assert [len(store.all_for(owner)) for owner in owners] == [1, 0, 0]
    shared = store.change(owners[0], mine.id, name="Belu 2", shared=True)
    assert store.get(owners[1], mine.id) == shared
    assert [len(store.all_for(owner)) for owner in (*owners, None)] == [1, 1, 0, 1]
    with pytest.raises(NotFoundError):
        store.remove(owners[1], mine.id)
    with pytest.raises(NotFoundError):
        store.get(owners[2], mine.id)
    store.remove(owners[0], mine.id)
    assert store.all_for(None) == []

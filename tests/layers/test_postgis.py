"""Layers in a real PostGIS: a schema a tier, all or nothing, read by GDAL; refusals in one line."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from geo.errors import EnvironmentProblem, InputError
from geo.i18n import languages
from geo.paths import Home
from layers.exports import postgis
from layers.exports.postgis import check_database, export_to_database, schema_name
from layers.registry import fields_for, layers_for
from layers.release.marking import Marking
from layers.release.release import Release
from tests.postgres import Postgres

pytestmark = [pytest.mark.postgis, pytest.mark.slow]

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def server(postgres: Postgres) -> str:
    """Host and port of a server."""
    return postgres.address


@pytest.fixture(scope="module")
def database(server: str) -> str:
    with psycopg.connect(f"postgresql://pj@{server}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE peta")
        connection.execute("CREATE DATABASE polos")
        connection.execute("CREATE ROLE tamu LOGIN")
        connection.execute("CREATE ROLE berkunci LOGIN PASSWORD 'benar'")
        (file,) = connection.execute("SHOW hba_file").fetchone() or ("",)
        rules = Path(file)
        rules.write_text("host all berkunci 127.0.0.1/32 scram-sha-256\n" + rules.read_text())
        connection.execute("SELECT pg_reload_conf()")
    url = f"postgresql://pj@{server}/peta"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION postgis")
    return url


def _export(
    release: Release, target: str, tier: str, province: str | None = None
) -> dict[str, int]:
    heading = Marking.of(release, tier)
    return export_to_database(
        release, list(layers_for(tier)), target, tier=tier, province=province, heading=heading,
        language="id",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("tier", "province"), [("public", None), ("partner", "53"), ("police", None)]
)
def test_every_layer_of_a_tier_is_a_table_that_gdal_reads(
    tier: str, province: str | None, release: Release, database: str
) -> None:
    written = _export(release, database, tier, province)
    assert set(written) == set(layers_for(tier))
    schema = schema_name(tier, province)
    with psycopg.connect(database) as connection:
        names = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = %s",
            [schema],
        ).fetchall()
        stated = dict(
            connection.execute(f"SELECT layer, row_count FROM {schema}.release").fetchall()
        )
        granted = connection.execute(
            "SELECT has_schema_privilege('tamu', %s, 'USAGE')", [schema]
        ).fetchone()
        keys = connection.execute(
            "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND i.indisprimary",
            [schema],
        ).fetchone()
    assert stated == written
    assert granted == (False,)
    assert keys == (len(written) + 1,)
    for name, layer in layers_for(tier).items():
        columns = {column for table, column in names if table == name}
        allowed = {field.name for field in fields_for(layer, tier)}
        assert columns <= allowed | {"geom"}
    host, port = database.split("@")[1].split("/", maxsplit=1)[0].split(":")
    seen = subprocess.run(
        ["ogrinfo", "-so", f"PG:host={host} port={port} user=pj dbname=peta schemas={schema}",
         "areas"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert seen.stderr == ""
    assert f"Feature Count: {written['areas']}" in seen.stdout
    assert "Geometry: Multi Polygon" in seen.stdout
    assert 'ID["EPSG",4326]' in seen.stdout


_QGIS = """
import sys
from qgis.core import QgsApplication, QgsVectorLayer
application = QgsApplication([], False)
application.initQgis()
host, port, schema, name = sys.argv[1:]
layer = QgsVectorLayer(f"dbname='peta' host={host} port={port} user='pj' key='code' srid=4326 "
                       f'type=MultiPolygon table="{schema}"."{name}" (geom)', name, "postgres")
assert layer.isValid()
print(layer.renderer().type(), len(layer.renderer().categories()), layer.labelsEnabled())
"""


@pytest.mark.qgis
def test_qgis_draws_a_table_in_the_registry_s_colours(release: Release, database: str) -> None:
    _export(release, database, "public")
    host, port = database.split("@")[1].split("/", maxsplit=1)[0].split(":")
    done = subprocess.run(
        ["/usr/bin/python3", "-c", _QGIS, host, port, schema_name("public", None), "areas"],
        capture_output=True, text=True, timeout=120,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    renderer, categories, labels = done.stdout.split()[-3:]
    assert (renderer, labels) == ("categorizedSymbol", "True")
    assert int(categories) >= 3


def test_styles_stay_one_set_a_layer_and_do_without_the_right(
    release: Release, server: str, database: str
) -> None:
    for _ in range(2):
        _export(release, database, "public")
    with psycopg.connect(database) as connection:
        count, default = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE useAsDefault) FROM public.layer_styles "
            "WHERE f_table_schema = 'petajaga_public'"
        ).fetchone()  # type: ignore[misc]
    assert (count, default) == (len(layers_for("public")) * 2, len(layers_for("public")))
    with psycopg.connect(f"postgresql://pj@{server}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE tanpa")
        connection.execute("CREATE ROLE penulis LOGIN")
        connection.execute("GRANT CREATE ON DATABASE tanpa TO penulis")
    with psycopg.connect(f"postgresql://pj@{server}/tanpa", autocommit=True) as connection:
        connection.execute("CREATE EXTENSION postgis")
    written = _export(release, f"postgresql://penulis@{server}/tanpa", "public")
    assert set(written) == set(layers_for("public"))


def test_a_server_process_that_ends_leaves_the_old_tables(
    release: Release, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _export(release, database, "public")
    real = postgis._write_release

    def failing(cursor: Any, *words: Any) -> None:
        real(cursor, *words)
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(postgis, "_write_release", failing)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DELETE FROM petajaga_public.areas WHERE code = '53'")
        with pytest.raises(EnvironmentProblem, match="terminating connection") as caught:
            _export(release, database, "public")
        assert "\n" not in str(caught.value)
        rows = connection.execute("SELECT count(*) FROM petajaga_public.areas").fetchone()
    assert rows == (before["areas"] - 1,)


def test_databases_that_cannot_take_layers_are_one_line(server: str, database: str) -> None:
    refused = {
        f"postgresql://pj:sangat-rahasia@{server}/polos": "CREATE EXTENSION postgis",
        f"postgresql://pj:sangat-rahasia@{server}/tidak_ada": "does not exist",
        "postgresql://pj:sangat-rahasia@127.0.0.1:1/peta": "cannot be reached",
    }
    for target, words in refused.items():
        with pytest.raises(EnvironmentProblem) as caught:
            check_database(target)
        message = str(caught.value)
        assert words in message
        assert "sangat-rahasia" not in message
        assert "\n" not in message
    for target in (
        "postgresql://pj@127.0.0.1:notaport/peta", "postgresql://pj:sangat%zzrahasia@127.0.0.1:1/x",
        "postgresql://pj:p@rahasia@127.0.0.1:1/x", "postgresql://pj:p@ss/rahasia@127.0.0.1:1/x",
    ):  # fmt: skip
        with pytest.raises(InputError) as refusal:
            check_database(target)
        assert "rahasia" not in str(refusal.value)
    with pytest.raises(EnvironmentProblem) as caught:
        check_database("postgresql://pj@127.0.0.1:1/peta?password=sangat-rahasia")
    assert "rahasia" not in str(caught.value)


def test_rights_and_views_of_the_administrator_stay(release: Release, database: str) -> None:
    _export(release, database, "public")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("GRANT USAGE ON SCHEMA petajaga_public TO tamu")
        connection.execute("GRANT SELECT ON petajaga_public.areas TO tamu")
        connection.execute("CREATE VIEW ibu AS SELECT code, name FROM petajaga_public.areas")
    written = _export(release, database, "public")
    with psycopg.connect(database.replace("pj@", "tamu@")) as guest:
        rows = guest.execute("SELECT count(*) FROM petajaga_public.areas").fetchone()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            guest.execute("SELECT * FROM petajaga_police.posts")
    assert rows == (written["areas"],)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("ALTER TABLE petajaga_public.areas ADD COLUMN lain text")
        with pytest.raises(EnvironmentProblem, match="depend"):
            _export(release, database, "public")
        connection.execute("DROP VIEW ibu")
        assert _export(release, database, "public") == written


def test_a_user_without_rights_is_told_which(release: Release, server: str, database: str) -> None:
    assert database
    guest = f"postgresql://tamu@{server}/peta"
    with pytest.raises(EnvironmentProblem, match="CREATE"):
        _export(release, guest, "public")
    # a schema that is another role's is written by that role alone, whatever else the guest may
    before = _export(release, database, "public")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("GRANT CREATE ON DATABASE peta TO tamu")
        connection.execute("GRANT ALL ON SCHEMA petajaga_public TO tamu")
        with pytest.raises(EnvironmentProblem, match="sign in as that role"):
            _export(release, guest, "public")
        rows = connection.execute("SELECT count(*) FROM petajaga_public.areas").fetchone()
        connection.execute("REVOKE ALL ON SCHEMA petajaga_public FROM tamu")
        connection.execute("REVOKE CREATE ON DATABASE peta FROM tamu")
    assert rows == (before["areas"],)


@pytest.mark.parametrize(
    ("password", "words"),
    [("sangat-rahasia", "password authentication failed"), ("benar", "CREATE EXTENSION postgis")],
)
def test_a_wrong_password_is_one_line_without_it(
    password: str, words: str, server: str, database: str
) -> None:
    assert database
    with pytest.raises(EnvironmentProblem, match=words) as caught:
        check_database(f"postgresql://berkunci:{password}@{server}/polos")
    assert password not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("language", list(languages()))
def test_every_command_of_the_guide_runs(
    language: str,
    petajaga: Callable[..., Any],
    released_home: Home,
    server: str,
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert database
    guide = (DOCS / f"gis-guide.{language}.md").read_text("utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", guide, flags=re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines()]
    assert len(commands) > 7
    home = shutil.copytree(released_home.root, tmp_path / "home")
    monkeypatch.chdir(tmp_path)
    for command in commands:
        here = command.replace("gis@DATABASE-HOST", f"pj@{server}")
        program, *words = shlex.split(here)
        assert program == "petajaga"
        done = petajaga(*words, home=home)
        assert done.code == 0, (command, done.err)
        target = words[words.index("-o") + 1]
        assert target.startswith("postgresql://") or (tmp_path / target).stat().st_size > 100

"""Layers of a release as tables of a PostGIS database, for GeoServer, GeoNode and QGIS Server.

A tier has a schema of its own (``petajaga_public``, ``petajaga_partner_53``, ``petajaga_police``),
which nobody but its owner may use until the database's administrator says so. A layer is a table
with a primary key, an index of its geometry, and comments of what it and its columns mean; the
table ``release`` says which release the others are of. Styles for QGIS stand in
``public.layer_styles``, where the user may write there. All is replaced in one transaction: who
reads meanwhile sees the old tables, and so does everybody after a failure.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import shapely
from psycopg import sql
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from geo.errors import EnvironmentProblem, InputError
from layers.exports.export import travelling
from layers.registry import layers_for
from layers.release.layer_table import Table
from layers.release.marking import Marking
from layers.release.qgis_style import named_styles
from layers.release.release import Release
from layers.schema import FieldType

__all__ = ["check_database", "database_place", "export_to_database", "is_database", "schema_name"]

_SCHEMES = ("postgresql://", "postgres://")
_UNKNOWN = "postgresql://?"
"""In place of an address that is none: it may hold a password."""
_SECONDS = 10
_TYPES: dict[FieldType, str] = {
    "text": "text", "json": "jsonb", "integer": "bigint", "number": "double precision",
    "boolean": "boolean",
}  # fmt: skip
_RELEASE = "release"
_GEOMETRY = "geom"


def is_database(target: str) -> bool:
    """Whether an export's target is a database and no file.

    Examples
    --------
    >>> is_database("postgresql://gis@127.0.0.1/peta"), is_database("areas.gpkg")
    (True, False)
    """
    return target.startswith(_SCHEMES)


def database_place(target: str) -> str:
    """Address of a database for messages and the audit: nothing else of what was typed, since a
    password may stand anywhere in it.

    Examples
    --------
    >>> database_place("postgresql://gis:rahasia@127.0.0.1/peta?password=rahasia")
    'postgresql://gis@127.0.0.1/peta'
    """
    if target.count("@") > 1:  # an unescaped one may stand in the password
        return _UNKNOWN
    try:
        url = make_url(target)
    except (ArgumentError, ValueError):
        return _UNKNOWN
    place = URL.create(
        "postgresql", username=url.username, host=url.host, port=url.port, database=url.database
    )
    return place.render_as_string()


def schema_name(tier: str, province: str | None) -> str:
    """Schema of a tier's tables; a partner's is that of the province.

    Examples
    --------
    >>> schema_name("partner", "53")
    'petajaga_partner_53'
    """
    suffix = f"_{province}" if province and province.isdigit() else ""
    return f"petajaga_{tier}{suffix}"


def check_database(target: str) -> None:
    """Refuse a database that cannot take the layers, before any work.

    Raises
    ------
    EnvironmentProblem
        It does not answer, refuses the sign-in, or has no PostGIS.
    """
    with _connected(target):
        pass


def export_to_database(
    release: Release,
    layers: Sequence[str],
    target: str,
    *,
    tier: str,
    province: str | None,
    heading: Marking,
    language: str,
) -> dict[str, int]:
    """Replace the tables of some layers, all of them or none.

    Parameters
    ----------
    release : Release
    layers : sequence of str
        Names in the registry, of layers that the tier has.
    target : str
        ``postgresql://user@host/database``; a password may also stand in ``PGPASSWORD`` or a
        password file.
    tier, province
        As in :func:`layers.exports.export.export_layer`.
    heading : Marking
    language : str
        Of the comments.

    Returns
    -------
    dict of str to int
        Rows of each table.

    Raises
    ------
    EnvironmentProblem
        As :func:`check_database`, or the user has no right to create what is needed.
    """
    schema = schema_name(tier, province)
    written: dict[str, int] = {}
    with _connected(target) as connection, connection.cursor() as cursor:
        named = sql.Identifier(schema)
        cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(named))
        cursor.execute(sql.SQL("REVOKE ALL ON SCHEMA {} FROM PUBLIC").format(named))
        for name in layers:
            table = travelling(release.table(name, tier, province=province))
            _write_table(cursor, schema, table, language)
            written[name] = len(table)
            _write_styles(connection, schema, table)
        _write_release(cursor, schema, heading, language, written)
    return written


@contextlib.contextmanager
def _connected(target: str) -> Iterator[psycopg.Connection[Any]]:
    """One transaction on a database with PostGIS; errors in the words of the catalogue."""
    place = database_place(target)
    if place == _UNKNOWN:
        raise InputError("postgis.address", place=place, field="output")
    try:
        try:
            opened = psycopg.connect(target, connect_timeout=_SECONDS)
        except psycopg.ProgrammingError:  # its words repeat what was typed
            raise InputError("postgis.address", place=place, field="output") from None
        with opened as connection:
            found = connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'postgis'")
            if found.fetchone() is None:
                raise EnvironmentProblem("postgis.no_extension", place=place)
            yield connection
    except psycopg.errors.InsufficientPrivilege as error:
        raise EnvironmentProblem("postgis.no_right", place=place, reason=_reason(error)) from None
    except psycopg.OperationalError as error:
        reason = _reason(error)
        raise EnvironmentProblem("postgis.unreachable", place=place, reason=reason) from None
    except psycopg.Error as error:
        raise EnvironmentProblem("postgis.refused", place=place, reason=_reason(error)) from None


def _reason(error: psycopg.Error) -> str:
    """What the server says, else the first line of the driver."""
    text = error.diag.message_primary or str(error).strip()
    return text.splitlines()[0].strip() if text else type(error).__name__


def _write_table(cursor: psycopg.Cursor[Any], schema: str, table: Table, language: str) -> None:
    layer, fields = table.layer, table.fields
    place = sql.Identifier(schema, layer.name)
    columns = {field.name: _TYPES[field.type] for field in fields}
    values = [table.columns[field.name] for field in fields]
    if layer.geometry != "None":
        columns[_GEOMETRY] = f"geometry({layer.geometry},4326)"
        shapes = shapely.to_wkb(shapely.set_srid(table.geometry, 4326), hex=True, include_srid=True)
        values.append(shapes.tolist())
    if _columns(cursor, schema, layer.name) == columns:
        # the rights that the administrator gave, and views on the table, stay
        cursor.execute(sql.SQL("DELETE FROM {}").format(place))
    else:
        defined = [sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))
                   for name, kind in columns.items()]  # fmt: skip
        defined.append(sql.SQL("PRIMARY KEY ({})").format(sql.Identifier(layer.id_field)))
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(place))
        cursor.execute(sql.SQL("CREATE TABLE {} ({})").format(place, sql.SQL(", ").join(defined)))
        if _GEOMETRY in columns:
            cursor.execute(
                sql.SQL("CREATE INDEX ON {} USING gist ({})").format(
                    place, sql.Identifier(_GEOMETRY)
                )
            )
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(place, listed)) as copy:
        for row in zip(*values, strict=True):
            copy.write_row(row)
    comment = f"{layer.title(language)}. {layer.description(language)}"
    cursor.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(place, sql.Literal(comment)))
    for field in fields:
        unit = field.unit_text(language)
        title = layer.field_title(field, language)
        cursor.execute(
            sql.SQL("COMMENT ON COLUMN {} IS {}").format(
                sql.Identifier(schema, layer.name, field.name),
                sql.Literal(f"{title} ({unit})" if unit else title),
            )
        )


_STYLES = """
CREATE TABLE IF NOT EXISTS public.layer_styles (id serial PRIMARY KEY, f_table_catalog varchar,
  f_table_schema varchar, f_table_name varchar, f_geometry_column varchar, styleName text,
  styleQML xml, styleSLD xml, useAsDefault boolean, description text, owner varchar(63), ui xml,
  update_time timestamp DEFAULT CURRENT_TIMESTAMP)
"""
"""Where QGIS looks for styles: one table for the whole database."""


def _write_styles(connection: psycopg.Connection[Any], schema: str, table: Table) -> None:
    """Replace the styles of a layer; a user who may not leaves the database without them."""
    place = [connection.info.dbname, schema, table.layer.name]
    try:
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute(_STYLES)
            cursor.execute(
                "DELETE FROM public.layer_styles WHERE (f_table_catalog, f_table_schema, "
                "f_table_name) = (%s, %s, %s) AND owner = 'petajaga'",
                place,
            )
            cursor.executemany(
                "INSERT INTO public.layer_styles (f_table_catalog, f_table_schema, f_table_name, "
                "f_geometry_column, styleName, styleQML, useAsDefault, description, owner) "
                "VALUES (%s, %s, %s, 'geom', %s, XMLPARSE(DOCUMENT %s), %s, %s, 'petajaga')",
                [(*place, *style) for _, *style in named_styles(table)],
            )
    except psycopg.errors.InsufficientPrivilege:
        return


def _columns(cursor: psycopg.Cursor[Any], schema: str, name: str) -> dict[str, str]:
    """Columns of a table with their types, in their order; none where there is no such table."""
    return dict(
        cursor.execute(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = "
            "to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            [f"{schema}.{name}"],
        ).fetchall()
    )


def _write_release(
    cursor: psycopg.Cursor[Any],
    schema: str,
    heading: Marking,
    language: str,
    written: dict[str, int],
) -> None:
    """The table that says, layer by layer, of which release the tables are."""
    place = sql.Identifier(schema, _RELEASE)
    cursor.execute(
        sql.SQL(
            "CREATE TABLE IF NOT EXISTS {} (layer text PRIMARY KEY, edition integer, release text "
            "NOT NULL, written date NOT NULL, row_count bigint NOT NULL, classification text "
            "NOT NULL, licence text NOT NULL, mark text NOT NULL, sources text NOT NULL)"
        ).format(place)
    )
    items = heading.items(language)
    known = layers_for(heading.tier)
    for name, rows in written.items():
        cursor.execute(sql.SQL("DELETE FROM {} WHERE layer = %s").format(place), [name])
        cursor.execute(
            sql.SQL("INSERT INTO {} VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)").format(place),
            [
                name, heading.edition or None, heading.release, heading.day, rows,
                items["classification"], items["licence"], heading.code,
                " ".join(known[name].source_texts(language)),
            ],
        )  # fmt: skip

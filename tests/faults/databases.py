"""Databases of fault tests: asked, copied, dumped and restored, thrown away."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import environ
import psycopg2
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT

from cop.local.postgres import find_binaries


def parameters(url: str) -> dict[str, Any]:
    found = environ.Env.db_url_config(url)
    words = {"NAME": "dbname", "HOST": "host", "PORT": "port"}
    words |= {"USER": "user", "PASSWORD": "password"}
    return {ours: found[name] for name, ours in words.items() if found.get(name)}


def connect(url: str) -> Any:
    connection = psycopg2.connect(application_name="harness", **parameters(url))
    connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
    return connection


def run_sql(url: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
    connection = connect(url)
    try:
        return rows_of(connection, query, values)
    finally:
        connection.close()


def rows_of(connection: Any, query: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values or None)
        return cursor.fetchall() if cursor.description else []


def named(url: str, name: str) -> str:
    """The address of another database on the same server."""
    return f"{url.rpartition('/')[0]}/{name}"


def copy_database(server: str, source: str, name: str) -> str:
    run_sql(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    run_sql(server, f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    return named(server, name)


def dump_and_restore(url: str, name: str, folder: Path) -> str:
    """A backup of one database, restored beside it under another name."""
    file = str(folder / f"{name}.dump")
    programs = find_binaries()
    subprocess.run([programs / "pg_dump", "-Fc", "-f", file, "-d", libpq(url)], check=True)
    run_sql(url, f'CREATE DATABASE "{name}"')
    copy = named(url, name)
    subprocess.run([programs / "pg_restore", "-d", libpq(copy), file], check=True)
    return copy


def libpq(url: str) -> str:
    return " ".join(f"{name}={value}" for name, value in parameters(url).items())


@contextmanager
def throw_away(server: str, *names: str) -> Iterator[None]:
    try:
        yield
    finally:
        for name in names:
            run_sql(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

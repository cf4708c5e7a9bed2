"""A scratch database, laid out the way the containers do it: two roles, migrated by its owner."""

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import psycopg2
import pytest
from django.conf import settings
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import quote_ident

from tests.deploy.files import NEEDED, ROOT

ROLES = (ROOT / "deploy" / "postgres" / "roles.sql").read_text()


@dataclass(frozen=True)
class Site:
    database: str
    owner: str
    web: str

    def connect(self, role: str) -> Connection:
        return connect(self.database, user=role)

    def url(self, role: str) -> str:
        server = settings.DATABASES["default"]
        host, port = server["HOST"] or "localhost", server["PORT"]
        if host.startswith("/"):
            return f"postgres://{role}:{role}@/{quote(host)}/{self.database}"
        return f"postgres://{role}:{role}@{host}:{port or 5432}/{self.database}"

    def environment(self, role: str) -> dict[str, str]:
        """What a process of the site gets, on this computer."""
        path = f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"
        return {"PATH": path, "DATABASE_URL": self.url(role), **NEEDED}


def connect(database: str, **other: str) -> Connection:
    """As the role of the test run, unless another is named, whose password is its name."""
    server = settings.DATABASES["default"]
    password = other.get("user") or server["PASSWORD"]
    known = {"host": server["HOST"], "port": server["PORT"] or 5432, "user": server["USER"]}
    opened = psycopg2.connect(**known | other | {"dbname": database, "password": password})
    opened.autocommit = True
    return opened


def fill_in_like_psql(sql: str, values: dict[str, str], cursor: Any) -> str:
    """:"name" becomes an identifier, :'name' a text."""
    sql = re.sub(r':"(\w+)"', lambda found: quote_ident(values[found[1]], cursor), sql)
    return re.sub(r":'(\w+)'", lambda found: cursor.mogrify("%s", [values[found[1]]]).decode(), sql)


def make_roles(site: Site, *, create: bool = True) -> None:
    values = {"owner": site.owner, "owner_password": site.owner, "database": site.database}
    values |= {"web": site.web, "web_password": site.web}
    with connect(site.database) as admin, admin.cursor() as cursor:
        lines = [line for line in ROLES.splitlines() if not line.startswith("--")]
        code = "\n".join(line for line in lines if create or not line.startswith("CREATE ROLE"))
        cursor.execute(fill_in_like_psql(code, values, cursor))
    admin.close()


def migrate(site: Site) -> None:
    command = [
        sys.executable,
        "manage.py",
        "migrate",
        "--noinput",
        "--verbosity",
        "0",
    ]
    environment = site.environment(site.owner) | {"STATEMENT_TIMEOUT_MS": "0"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    mark = secrets.token_hex(4)
    site = Site(f"deploy_{mark}", owner=f"owner_{mark}", web=f"web_{mark}")
    admin = connect("postgres")
    with admin.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {site.database}")
        try:
            make_roles(site)
            migrate(site)
            yield site
        finally:
            cursor.execute(f"DROP DATABASE {site.database} WITH (FORCE)")
            for role in (site.owner, site.web):
                cursor.execute(f"DROP ROLE IF EXISTS {role}")
    admin.close()

"""The backup and the restore of docs/OPERATING.md, with its own words, on two scratch databases."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from psycopg2 import errors

from cop.local.postgres import find_binaries
from tests.deploy.conftest import Site, connect, make_roles
from tests.deploy.files import ROOT

GUIDE = (ROOT / "docs" / "OPERATING.md").read_text()


def documented(program: str) -> list[str]:
    found = re.search(rf"exec -T db ({program} [^<>\n]*)", GUIDE)
    assert found, f"docs/OPERATING.md shows no {program}"
    return shlex.split(found[1])


def run(command: list[str], database: str, **streams: object) -> None:
    """The command as it is documented, but on the server of the test run."""
    server = settings.DATABASES["default"]
    renamed = {"--username=postgres": f"--username={server['USER']}", "cop": database}
    renamed["--dbname=cop"] = f"--dbname={database}"
    program = find_binaries() / command[0]
    if not program.exists():
        pytest.skip(f"{command[0]} is not installed on this computer")
    environment = os.environ | {
        "PGHOST": server["HOST"] or "localhost",
        "PGPORT": str(server["PORT"] or 5432),
        "PGPASSWORD": server["PASSWORD"],
    }
    words = [str(program), *(renamed.get(word, word) for word in command[1:])]
    done = subprocess.run(words, env=environment, stderr=subprocess.PIPE, **streams)
    assert done.returncode == 0, done.stderr.decode()


def test_restored_site_is_whole_and_keeps_its_rights(site: Site, tmp_path: Path) -> None:
    # A server has the same role names; here both databases are on one, with the roles made once.
    copy = Site(f"{site.database}_copy", owner=site.owner, web=site.web)
    with site.connect(site.web) as web, web.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_session (session_key, session_data, expire_date)"
            " VALUES ('kept', 'é', now())"
        )
    admin = connect("postgres")
    with admin.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {copy.database}")
    try:
        make_roles(copy, create=False)
        with (tmp_path / "dump").open("wb") as dump:
            run(documented("pg_dump"), site.database, stdout=dump)
        with (tmp_path / "dump").open("rb") as dump:
            run(documented("pg_restore"), copy.database, stdin=dump)

        web = copy.connect(copy.web)
        with web.cursor() as cursor:
            cursor.execute("SELECT session_data FROM django_session WHERE session_key = 'kept'")
            assert cursor.fetchone() == ("é",)
            cursor.execute("UPDATE django_session SET session_data = 'new'")
            with pytest.raises(errors.InsufficientPrivilege):
                cursor.execute("DROP TABLE django_session")
        web.close()
        owner = copy.connect(copy.owner)
        with owner.cursor() as cursor:
            cursor.execute("ALTER TABLE django_session ADD COLUMN later int")
            # What a later migration makes is open to web as well.
            cursor.execute("CREATE TABLE later (id int)")
            cursor.execute("SELECT has_table_privilege(%s, 'later', 'INSERT')", [copy.web])
            assert cursor.fetchone() == (True,)
        owner.close()
    finally:
        with admin.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {copy.database} WITH (FORCE)")
        admin.close()

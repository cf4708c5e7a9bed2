"""deploy/postgres/roles.sql: the site runs with a role that can change no structure."""

import subprocess

import pytest
from psycopg2 import errors

from tests.deploy.conftest import Site
from tests.deploy.files import ROOT


def test_web_role_works_with_rows(site: Site) -> None:
    with site.connect(site.web) as web, web.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_session (session_key, session_data, expire_date)"
            " VALUES ('k', 'one', now())"
        )
        cursor.execute("UPDATE django_session SET session_data = 'two' WHERE session_key = 'k'")
        cursor.execute("SELECT session_data FROM django_session WHERE session_key = 'k'")
        assert cursor.fetchone() == ("two",)
        cursor.execute("DELETE FROM django_session WHERE session_key = 'k'")
        assert cursor.rowcount == 1
        cursor.execute("SELECT cop_fold('Élan'), to_tsvector('cop_en', 'Résumé')::text")
        assert cursor.fetchone() == ("elan", "'resum':1")


def test_web_role_may_read_and_write_every_table(site: Site) -> None:
    with site.connect(site.web) as web, web.cursor() as cursor:
        cursor.execute(
            "SELECT relname, privilege FROM pg_class,"
            " unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND NOT has_table_privilege(pg_class.oid, privilege)"
        )
        assert cursor.fetchall() == []


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE EXTENSION hstore",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql RETURN 1",
        "ALTER TABLE django_session ADD COLUMN mine int",
        "ALTER TABLE core_auditevent DISABLE TRIGGER ALL",
        "CREATE INDEX mine ON django_session (session_data)",
        "DROP TABLE django_session",
        "TRUNCATE django_session",
    ],
)
def test_web_role_changes_no_structure(site: Site, sql: str) -> None:
    web = site.connect(site.web)
    with web.cursor() as cursor, pytest.raises(errors.InsufficientPrivilege):
        cursor.execute(sql)
    web.close()


def test_owner_is_no_superuser(site: Site) -> None:
    owner = site.connect(site.owner)
    with owner.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = %s",
            [site.owner],
        )
        assert cursor.fetchone() == (False, False, False)
        with pytest.raises(errors.InsufficientPrivilege):
            cursor.execute("CREATE ROLE mine")
    owner.close()


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [("SECRET_KEY", "SECRET_KEY"), ("POSTAL_ADDRESS", "POSTAL_ADDRESS is empty")],
)
def test_entrypoint_refuses_a_site_half_configured(site: Site, missing: str, sentence: str) -> None:
    environment = site.environment(site.web) | {missing: ""}
    command = [ROOT / "deploy" / "entrypoint", "echo", "started"]

    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)

    assert answer.returncode != 0
    assert sentence in answer.stderr
    assert "started" not in answer.stdout

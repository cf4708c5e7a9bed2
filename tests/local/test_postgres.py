import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import unquote

import psycopg2
import pytest

from cop.local import postgres
from cop.local.places import Places
from cop.local.postgres import Postgres
from cop.local.processes import Child, clear_leftovers, remember, stop_together
from cop.local.system import LocalError, identity, is_postgres_of


@pytest.fixture
def places():
    # Not pytest's own folder: no other account may enter that, and PostgreSQL may need one.
    folder = Path(tempfile.mkdtemp(prefix="cop-local-"))
    places = Places(folder)
    places.make()
    yield places
    shutil.rmtree(folder)


@pytest.fixture
def server(places):
    # Durable, as `make run` has it: a test below kills it in the middle of its work.
    return Postgres(places.database, places.sockets(), places.log / "postgres.log")


@pytest.fixture
def start(server):
    children = []

    def _start():
        child = Child(server.program)
        children.append(child)
        deadline = time.monotonic() + 30
        while not child.is_ready:
            assert child.is_running, server.log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return child

    yield _start
    stop_together(children)


def ask(server, sql):
    host = unquote(server.url.removeprefix("postgres://cop@/").removesuffix("/cop"))
    connection = psycopg2.connect(host=host, user="cop", dbname="cop")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows = cursor.fetchall() if cursor.description else []
    connection.close()
    return rows


def test_postgres_sorts_and_folds_the_same_everywhere(server, start):
    start()

    assert ask(server, "SELECT upper('éa'), 'É' ILIKE 'é'") == [("ÉA", True)]
    assert ask(server, "SHOW server_encoding") == [("UTF8",)]


def test_postgres_keeps_its_data_over_a_restart(server, start):
    first = start()
    ask(server, "CREATE TABLE kept AS SELECT 7 AS number")
    stop_together([first])
    start()

    assert ask(server, "SELECT number FROM kept") == [(7,)]


def test_postgres_opens_no_port_and_lets_nobody_else_in(server, start):
    start()

    assert ask(server, "SHOW listen_addresses") == [("",)]
    assert server.sockets.stat().st_mode & 0o777 == 0o700


def test_prepare_repairs_a_lock_whose_number_belongs_to_another_program(server, start):
    first = start()
    ask(server, "CREATE TABLE kept AS SELECT 7 AS number")
    lock = server.data / "postmaster.pid"
    text = lock.read_text()
    stop_together([first])
    other = subprocess.Popen(["sleep", "60"])
    try:
        lock.write_text(f"{other.pid}\n" + text.partition("\n")[2])
        (server.sockets / ".s.PGSQL.5432.lock").write_text(f"{other.pid}\n")
        start()

        assert ask(server, "SELECT number FROM kept") == [(7,)]
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_prepare_repairs_the_lock_of_a_dead_server_that_nobody_buried(server, start):
    first = start()
    os.kill(first.popen.pid, signal.SIGKILL)  # and not waited for: it stays a zombie
    start()

    assert ask(server, "SELECT 1") == [(1,)]


def test_prepare_ends_a_server_that_outlived_its_supervisor(server, start):
    first = start()
    pid = first.popen.pid

    assert is_postgres_of(pid, server.data)
    start()
    assert first.popen.wait(timeout=5) == 0


def test_prepare_recovers_after_kill_9(server, start):
    first = start()
    ask(server, "CREATE TABLE kept AS SELECT 7 AS number")
    os.killpg(first.popen.pid, signal.SIGKILL)
    first.popen.wait()
    start()

    assert ask(server, "SELECT number FROM kept") == [(7,)]


def test_prepare_names_both_versions_of_a_foreign_data_folder(server):
    server.prepare()
    (server.data / "PG_VERSION").write_text("12\n")

    with pytest.raises(LocalError, match=r"made by PostgreSQL 12, and this is \d\d"):
        server.prepare()


def test_prepare_makes_the_folder_anew_after_an_interrupted_first_time(server, start):
    half = server.data.with_name("postgres.new")
    half.mkdir(parents=True)
    (half / "left").write_text("over")
    start()

    assert ask(server, "SELECT 1") == [(1,)]
    assert not half.exists()


def test_find_binaries_takes_the_told_folder_only_with_a_server(monkeypatch, tmp_path):
    monkeypatch.setenv("COP_PG_BIN", str(tmp_path))

    with pytest.raises(LocalError, match="COP_PG_BIN"):
        postgres.find_binaries.__wrapped__()


def test_clear_leftovers_ends_what_was_remembered_and_nothing_else(server, start, tmp_path):
    child = start()
    bystander = subprocess.Popen(["sleep", "60"])
    path = tmp_path / "children.json"
    try:
        remember([child], path)
        text = path.read_text()
        # The same number, but another process: it must live.
        row = f'{{"name": "x", "pid": {bystander.pid}, "identity": "1", "stop": 15}}'
        path.write_text(text.replace("[{", f"[{row}, {{"))

        assert clear_leftovers(path) == ["postgres"]
        assert child.popen.wait(timeout=5) == 0
        assert identity(bystander.pid)
    finally:
        bystander.kill()
        bystander.wait()

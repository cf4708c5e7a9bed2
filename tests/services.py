"""A pytest plugin: a PostgreSQL and a Valkey of their own for each run, thrown away after it.

It is loaded by `addopts` in pyproject.toml, before pytest-django reads the settings. With
DATABASE_URL and REDIS_URL set, the run uses these services instead. Under xdist the workers
share the server of the controller, each with a database of its own, and have a Valkey each,
so that a test may empty the cache without disturbing another.
"""

import atexit
import os
import shutil
import tempfile
import time
from pathlib import Path

import pytest

from cop.local.places import Places
from cop.local.postgres import Postgres
from cop.local.processes import Child, last_lines, stop_together
from cop.local.system import free_port, identity
from cop.local.valkey import Valkey
from tests.browsers import find_chromium

ENVIRONMENT = {
    "SECRET_KEY": "only-for-tests",
    "SITE_URL": "http://localhost:8000",
    "DEFAULT_FROM_EMAIL": "Test <test@cop.example>",
    "POSTAL_ADDRESS": "Test Society, 1 Test Street, Victoria BC  V8V 0A0, Canada",
    "LOCAL_MODE": "0",
    "DEBUG": "0",
}
SECONDS_TO_START = 60
PREFIX = "cop-test"
NO_BROWSER = "no Chromium was found"
_children: list[Child] = []
_folders: list[Path] = []


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    own = early_config.known_args_namespace
    if not (own.help or own.version):
        _start()


def pytest_configure(config: pytest.Config) -> None:
    wanted = os.environ.get("REQUIRE_BROWSER", "") not in ("", "0")
    if wanted and find_chromium() is None:
        raise pytest.UsageError(
            f"REQUIRE_BROWSER is set, but {NO_BROWSER}. On Debian: apt-get install chromium. "
            "Or name the program in CHROMIUM."
        )


def pytest_unconfigure() -> None:
    _stop()


def pytest_xdist_auto_num_workers() -> int:
    return max(2, os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if find_chromium() is None:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    count = sum(NO_BROWSER in str(report.longrepr) for report in skipped)
    if count:
        line = f"{count} BROWSER JOURNEYS WERE SKIPPED: {NO_BROWSER}"
        terminalreporter.section(line, sep="!", red=True, bold=True)
        terminalreporter.line("They test what people see. Install Chromium, or set CHROMIUM to it.")


def _start() -> None:
    in_worker = "PYTEST_XDIST_WORKER" in os.environ
    brings_own = os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")
    if in_worker and os.environ.get("COP_TEST_OWN_SERVICES"):
        brings_own = False
    elif brings_own:
        os.environ.update(ENVIRONMENT)
        return
    if brings_own:
        return
    os.environ |= {**ENVIRONMENT, "COP_TEST_OWN_SERVICES": "1"}
    atexit.register(_stop)
    folder = _make_folder()
    places = Places(folder)
    places.make()
    sockets = places.sockets()
    valkey = Valkey(places.broker, sockets, places.log / "valkey.log", throw_away=True)
    postgres = Postgres(places.database, sockets, places.log / "postgres.log", throw_away=True)
    programs = [valkey.program]
    if not in_worker:
        programs.append(postgres.program)
        os.environ["DATABASE_URL"] = postgres.url
    # Nobody listens there: a test that really sends says so.
    os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{free_port()}"
    os.environ["REDIS_URL"] = valkey.url
    os.environ["VAR_DIR"] = str(folder)
    _launch([Child(program) for program in programs])


def _launch(started: list[Child]) -> None:
    _children.extend(started)
    deadline = time.monotonic() + SECONDS_TO_START
    while not all(child.is_ready for child in started):
        late = time.monotonic() > deadline
        for child in started:
            if not child.is_running or (late and not child.is_ready):
                log = last_lines(child.program.log)
                raise pytest.UsageError(f"{child.name} did not start for the tests.\n{log}")
        time.sleep(0.02)


def _stop() -> None:
    stop_together(_children)
    _children.clear()
    for folder in _folders:
        shutil.rmtree(folder, ignore_errors=True)
    _folders.clear()


def _make_folder() -> Path:
    """Named after the process, so that a later run can remove what a killed one left."""
    base = Path(tempfile.gettempdir())
    for old in base.glob(f"{PREFIX}-*-*"):
        pid = old.name.split("-")[2]
        if pid.isdigit() and not identity(int(pid)):
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}-{os.getpid()}-"))
    _folders.append(folder)
    return folder

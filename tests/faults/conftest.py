"""What the fault tests of the sender share: one filled database, copied for each test."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.databases import copy_database, named, run_sql, throw_away
from tests.faults.harness import TEMPLATE, Site
from tests.faults.mailserver import Sink

PEOPLE = 3000


@pytest.fixture(scope="session")
def server() -> str:
    """The address of the PostgreSQL of this run."""
    return os.environ["DATABASE_URL"]


@pytest.fixture(scope="session")
def filled(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a database with a community and 3,000 people who take its newsletter."""
    folder = tmp_path_factory.mktemp("filled")
    run_sql(server, f'DROP DATABASE IF EXISTS "{TEMPLATE}" WITH (FORCE)')
    run_sql(server, f'CREATE DATABASE "{TEMPLATE}"')
    sink = Sink(folder)
    site = Site(folder, named(server, TEMPLATE), sink)
    try:
        site.call("migrate_and_fill", people=PEOPLE)
    finally:
        site.close()
        sink.close()
    with throw_away(server, TEMPLATE):
        yield TEMPLATE


@pytest.fixture
def make_site(server: str, filled: str, tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """`make_site(before=0.03, without="lease")`: a site of its own, on a copy of the database."""
    sites: list[Site] = []
    with ExitStack() as stack:

        def _make(*, without: str = "", **options: float) -> Site:
            name = f"{TEMPLATE}_{len(sites)}"
            folder = tmp_path / str(len(sites))
            folder.mkdir()
            stack.enter_context(throw_away(server, name))
            sink = Sink(folder, **options)
            stack.callback(sink.close)
            site = Site(folder, copy_database(server, filled, name), sink, without=without)
            stack.callback(site.close)
            sites.append(site)
            return site

        yield _make


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Where a test failed, the last words of its processes say more than the assertion."""
    outcome = yield
    report = outcome.get_result()
    folder = getattr(item, "funcargs", {}).get("tmp_path")
    if report.failed and folder is not None:
        for log in sorted(Path(folder).rglob("*.log")):
            words = log.read_bytes()[-3000:].decode(errors="replace")
            if words.strip():
                report.sections.append((log.name, words))

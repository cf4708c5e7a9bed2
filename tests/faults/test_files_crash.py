"""A process dies while it keeps a file: no row names half a file or none, and what is left of no
row is swept away after a day (reliability 5.7). Real processes, ended with kill -9."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from cop.core import keeping_files
from cop.core.keeping_files import missing_files, sweep
from cop.local.places import ROOT
from library.models import Resource
from members.models import Community, User
from tests.faults.disks import whole_files
from tests.faults.stack import environment

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
CONTENT = b"%PDF-1.7\n" + b"x" * 400_000
DAY = timedelta(hours=25)


@pytest.fixture
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


@pytest.fixture
def die(
    tmp_path: Path, media: Path, community: Community, dani: User
) -> Iterator[Callable[[str], None]]:
    """`die("before_the_commit")`: a process keeps a file and is killed there."""
    (tmp_path / "plan.pdf").write_bytes(CONTENT)
    running: list[subprocess.Popen[str]] = []

    def _start(job: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.file_jobs", job, str(tmp_path / "plan.pdf")],
            cwd=ROOT, env=environment(MEDIA_ROOT=str(media), WHO=str(dani.pk)),
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        return process

    def _die(job: str) -> None:
        process = _start(job)
        process.kill()
        process.wait()

    _die.start = _start  # type: ignore[attr-defined]
    yield _die
    for process in running:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def test_death_while_writing_leaves_no_half_file_where_a_row_could_name_it(
    die: Callable[[str], None], media: Path
) -> None:
    die("while_the_file_is_written")

    assert not Resource.objects.exists()
    assert [path.parent.name for path in whole_files(media)] == ["incoming"]
    assert sweep(now=timezone.now()) == 0
    assert sweep(now=timezone.now() + timedelta(minutes=61)) == 1
    assert not whole_files(media)


def test_death_while_writing_carelessly_leaves_half_a_file_under_its_key(
    die: Callable[[str], None], media: Path
) -> None:
    """The control."""
    die("while_the_file_is_written_carelessly")

    (half,) = whole_files(media)
    assert half.parent.name == "library"
    assert half.stat().st_size < len(CONTENT)


def test_death_between_file_and_row_leaves_a_file_that_the_sweep_finds(
    die: Callable[[str], None], media: Path
) -> None:
    die("before_the_commit")

    assert not Resource.objects.exists()
    (orphan,) = whole_files(media)
    assert orphan.read_bytes() == CONTENT
    assert sweep(now=timezone.now()) == 0
    assert sweep(now=timezone.now() + DAY) == 1
    assert sweep(now=timezone.now() + DAY) == 0
    assert not whole_files(media)


def test_death_after_the_commit_loses_nothing(die: Callable[[str], None], media: Path) -> None:
    die("after_the_commit")

    assert sweep(now=timezone.now() + 400 * DAY) == 0
    (kept,) = whole_files(media)
    assert Resource.objects.get().file.name == f"library/{kept.name}"
    assert missing_files() == []


def test_sweep_beside_somebody_at_work_takes_nothing_away(
    die: Any, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    die.start("before_the_commit")

    sweep(now=timezone.now())
    assert len(whole_files(media)) == 1
    # The control: without the day of grace it does.
    monkeypatch.setattr(keeping_files, "ROW_COMES_WITHIN", timedelta(0))
    sweep(now=timezone.now() + timedelta(seconds=1))
    assert not whole_files(media)

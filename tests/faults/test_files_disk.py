"""F19: a full disk, at uploads, at what is on its way, and at the logs. A plain sentence, no half
file, pages and files are still read, and all goes on without a restart once there is room."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cop.local.places import ROOT
from library.models import Resource
from members.models import Community, User
from tests.faults.browser import Browser
from tests.faults.disks import fill, small_disk, whole_files
from tests.faults.stack import environment, site
from tests.library.hostile import Hostile, kept

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ADD = "/every-door/library/add/"
LIST = "/every-door/library/"
MEGABYTE = 1024 * 1024
NO_ROOM = "We have no room for another file just now"
SMALL_DISK = "tests.faults.wsgi_small_disk"


def plan(number: int, size: int) -> tuple[Hostile, dict[str, str]]:
    content = b"%PDF-1.7\n" + bytes([65 + number]) * size
    return kept("plan.pdf", content, "application/pdf"), {"title": f"Plan {number}"}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "media", 16) as folder:
        yield folder


def test_full_disk_of_uploads_costs_a_sentence_and_nothing_else(
    tmp_path: Path, disk: Path, community: Community, dani: User
) -> None:
    with site(tmp_path / "web.log", wsgi=SMALL_DISK, MEDIA_ROOT=str(disk)) as port:
        browser = Browser(port, dani)
        first, words = plan(1, 3 * MEGABYTE)
        assert browser.send_file(ADD, first, **words).status == 302
        before = whole_files(disk)
        ballast = fill(disk, leave=2 * MEGABYTE)

        second, words = plan(2, 3 * MEGABYTE)
        reply = browser.send_file(ADD, second, **words)

        assert reply.status in {200, 400, 507}
        assert NO_ROOM in reply.text
        assert "Plan 2" in reply.text  # the words typed stay
        assert whole_files(disk) == before
        assert Resource.objects.count() == 1
        fill_up = fill(disk)
        assert browser.get(LIST).status == 200
        _is_read(browser, first)

        ballast.unlink(missing_ok=True)
        fill_up.unlink(missing_ok=True)
        assert browser.send_file(ADD, second, **words).status == 302
        _is_read(browser, second)
    assert len(whole_files(disk)) == 2


def _is_read(browser: Browser, file: Hostile) -> None:
    resource = Resource.objects.order_by("-pk")[0]
    address = f"/every-door/library/{resource.public_id}/file/"
    reply = browser.get(address)
    assert (reply.status, reply.content) == (200, file.content)


def test_without_our_storage_a_full_disk_leaves_half_a_file_and_an_error_page(
    tmp_path: Path, disk: Path, community: Community, dani: User
) -> None:
    """The control."""
    careless = "tests.faults.wsgi_careless"
    with site(tmp_path / "web.log", wsgi=careless, MEDIA_ROOT=str(disk)) as port:
        (disk / "library").mkdir()
        fill(disk, leave=2 * MEGABYTE)
        file, words = plan(1, 3 * MEGABYTE)
        reply = Browser(port, dani).send_file(ADD, file, **words)
    assert reply.status == 500
    assert whole_files(disk)
    assert not Resource.objects.exists()


def test_full_disk_of_what_is_on_its_way_costs_a_sentence(
    tmp_path: Path, disk: Path, community: Community, dani: User
) -> None:
    """`disk` holds the temporary files here; there is room where files are kept."""
    media = tmp_path / "kept"
    more = {"TMPDIR": str(disk), "MEDIA_ROOT": str(media)}
    with site(tmp_path / "web.log", wsgi=SMALL_DISK, **more) as port:
        browser = Browser(port, dani)
        ballast = fill(disk)
        file, words = plan(1, 3 * MEGABYTE)
        reply = browser.send_file(ADD, file, **words)
        assert NO_ROOM in reply.text
        assert "Plan 1" in reply.text
        assert not media.exists()
        assert browser.get(LIST).status == 200

        ballast.unlink()
        assert browser.send_file(ADD, file, **words).status == 302
    assert len(whole_files(media)) == 1
    assert not whole_files(disk)


def test_full_disk_of_the_log_stops_nothing(
    tmp_path: Path, disk: Path, community: Community, dani: User
) -> None:
    media = tmp_path / "kept"
    with site(disk / "web.log", wsgi=SMALL_DISK, MEDIA_ROOT=str(media)) as port:
        browser = Browser(port, dani)
        ballast = fill(disk)
        file, words = plan(1, 3 * MEGABYTE)
        for _time in range(5):
            assert browser.get(LIST).status == 200
        assert browser.send_file(ADD, file, **words).status == 302
        _is_read(browser, file)
        size = (disk / "web.log").stat().st_size
        ballast.unlink()
        assert browser.get(LIST).status == 200
        assert (disk / "web.log").stat().st_size > size


def test_little_room_left_belongs_to_the_rest_of_the_site(
    tmp_path: Path, disk: Path, community: Community, dani: User
) -> None:
    """With the reserve as it is: 16 MB is less than the site wants to keep free."""
    with site(tmp_path / "web.log", MEDIA_ROOT=str(disk)) as port:
        file, words = plan(1, 1000)
        reply = Browser(port, dani).send_file(ADD, file, **words)
    assert NO_ROOM in reply.text
    assert not whole_files(disk)


def test_limit_of_a_file_is_as_a_full_disk(
    tmp_path: Path, community: Community, dani: User
) -> None:
    """What every user of a computer can try: no file of this process may be larger than 2 MB."""
    file, _words = plan(1, 3 * MEGABYTE)
    (tmp_path / "plan.pdf").write_bytes(file.content)
    command = [
        sys.executable,
        "-m",
        "tests.faults.file_jobs",
        "limited",
        str(tmp_path / "plan.pdf"),
    ]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True,
        env=environment(MEDIA_ROOT=str(tmp_path / "media"), WHO=str(dani.pk)),
    )  # fmt: skip
    assert NO_ROOM in done.stdout, done.stderr
    assert not whole_files(tmp_path / "media")
    assert not Resource.objects.exists()

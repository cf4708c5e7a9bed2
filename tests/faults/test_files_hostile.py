"""F21: the hostile files through a real server: none is shown in the page, none makes an error
page, and each costs little memory and time."""

from pathlib import Path

import pytest

from cop.local.system import exists
from library.models import Resource
from members.models import Community, User
from tests.faults.browser import Browser
from tests.faults.disks import whole_files
from tests.faults.memory import forget_most, memory_of, most_memory_of, processor_of, worker_of
from tests.faults.stack import site
from tests.library.hostile import kept
from tests.library.hostile.catalogue import CATALOGUE
from tests.library.hostile.harmless import what_is_wrong

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ADD = "/every-door/library/add/"
# F21: the growth of the process over all of them, and the work of the processor for one.
MEGABYTES, MILLISECONDS = 30, 500


def test_hostile_files_through_a_real_server(
    tmp_path: Path, community: Community, dani: User
) -> None:
    media = tmp_path / "media"
    shown, spent, errors = [], {}, []
    with site(tmp_path / "web.log", MEDIA_ROOT=str(media)) as port:
        browser, visitor = Browser(port, dani), Browser(port)
        _warm_up(browser)
        worker = worker_of(port)
        before = memory_of(worker)
        forget_most(worker)
        for about, hostile in CATALOGUE.items():
            worked = processor_of(worker)
            reply = browser.send_file(ADD, hostile)
            if reply.status not in {200, 302, 400, 507}:
                errors.append((about, reply.status))
            spent[about] = processor_of(worker) - worked
            shown += _wrong_at(visitor, about)
            Resource.objects.all().delete()
        grown = most_memory_of(worker) - before
        assert exists(worker)
    print(f"{len(CATALOGUE)} files, {grown:.1f} MB, slowest {max(spent.values()):.0f} ms")
    assert (errors, shown) == ([], [])
    assert grown <= MEGABYTES, f"{grown:.0f} MB"
    assert not {about for about, one in spent.items() if one > MILLISECONDS}
    assert not [path for path in whole_files(media) if path.parent.name == "incoming"]


def test_server_that_trusts_is_noticed(tmp_path: Path, community: Community, dani: User) -> None:
    """The control: the same files at a site that believes what it is told."""
    shown = 0
    trusting = "tests.faults.wsgi_trusting"
    with site(tmp_path / "web.log", wsgi=trusting, MEDIA_ROOT=str(tmp_path / "media")) as port:
        browser, visitor = Browser(port, dani), Browser(port)
        for about in ("svg", "page of the web", "page of the web called .pdf", "pdf that is a zip"):
            browser.send_file(ADD, CATALOGUE[about])
            shown += bool(_wrong_at(visitor, about))
            Resource.objects.all().delete()
    assert shown == 4


def _warm_up(browser: Browser) -> None:
    """What the first honest file of each kind loads stays loaded."""
    for about in ("jpg that tells place and device", "png that moves", "link to a page"):
        browser.send_file(ADD, CATALOGUE[about])
    browser.send_file(ADD, kept("a.txt", b"x" * 12_000_000))
    Resource.objects.all().delete()


def _wrong_at(visitor: Browser, about: str) -> list[tuple[str, list[str]]]:
    resource = Resource.objects.first()
    if resource is None:
        return []
    Resource.objects.update(state="published", published_at=resource.created_at)
    reply = visitor.get(f"/every-door/library/{resource.public_id}/file/")
    wrong = what_is_wrong(reply.headers) + ([] if reply.status == 200 else [f"{reply.status}"])
    return [(about, wrong)] if wrong else []

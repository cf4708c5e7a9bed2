"""F19: the disk of the database is full. What is sent in is refused on a page that says why,
reading goes on, and nothing has to be started anew once there is room."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from cop.core.keeping_files import sweep
from cop.local.system import give_away
from library.models import Resource
from members.models import Community, User
from tests.faults.browser import Browser
from tests.faults.disks import fill, small_disk, whole_files
from tests.faults.stack import site
from tests.library.factories import make_resource
from tests.library.hostile import kept

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ADD = "/every-door/library/add/"


@pytest.fixture
def disk() -> Iterator[Path]:
    """The table of resources lies on a disk of its own; the rest of the database where it was."""
    parent = Path(tempfile.mkdtemp(prefix="cop-space"))
    parent.chmod(0o755)
    with small_disk(parent / "disk", 24) as folder:
        space = folder / "space"
        space.mkdir()
        give_away(space)
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLESPACE small LOCATION %s", [str(space)])
            cursor.execute("ALTER TABLE library_resource SET TABLESPACE small")
        try:
            yield folder
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE library_resource SET TABLESPACE pg_default")
                cursor.execute("DROP TABLESPACE small")
    shutil.rmtree(parent, ignore_errors=True)


def words() -> str:
    """So many that a page of the table has no room for them, and of no pattern to pack."""
    return " ".join(secrets.token_hex(3) for _word in range(6_000))


def test_full_disk_of_the_database_costs_a_page_that_says_so(
    tmp_path: Path, disk: Path, settings: object, community: Community, dani: User
) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")  # type: ignore[attr-defined]
    there = make_resource(community, title="What was there before", visibility="public")
    with site(tmp_path / "web.log", MEDIA_ROOT=str(tmp_path / "media")) as port:
        browser = Browser(port, dani)
        ballast = fill(disk)
        replies = [
            browser.send_file(
                ADD, kept("a.pdf", b"%PDF-1.7"), what="body", title=f"Text {n}", body=words()
            )
            for n in range(8)
        ]
        refused = [one for one in replies if one.status != 302]
        assert refused
        assert {one.status for one in refused} == {507}
        assert "no room left" in refused[0].text
        assert browser.get("/every-door/library/").status == 200
        assert there.title in browser.get(there.get_absolute_url()).text
        kept_rows = Resource.objects.count()
        assert kept_rows == 1 + len(replies) - len(refused)

        ballast.unlink()
        after = browser.send_file(ADD, kept("a.pdf", b"%PDF-1.7"), title="Later")
        assert after.status == 302
    assert Resource.objects.count() == kept_rows + 1
    sweep(now=timezone.now() + timedelta(hours=25))
    assert len(whole_files(tmp_path / "media")) == 1

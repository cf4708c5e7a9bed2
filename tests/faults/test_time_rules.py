"""The rules of governments change under meetings that stand (F12)."""

import os
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
import tzdata
from django.conf import settings

from cop.core.models import AuditEvent
from cop.core.time import say_span, to_instant
from meetings.actions import recheck_timezones, zones
from meetings.models import Meeting
from outbox.actions import send_due
from outbox.models import Delivery
from tests.factories import make_community, make_meeting, make_member

pytestmark = pytest.mark.faults
HOUR = timedelta(hours=1)
STORE = """
import datetime as dt, json, sys
import django
django.setup()
from meetings.actions import answer_rsvp, recheck_timezones
from meetings.models import Meeting
from members.models import Community, User
from meetings.actions.zones import zone_data_version
assert zone_data_version() == "2025b", zone_data_version()
now = dt.datetime(2026, 10, 1, 17, tzinfo=dt.UTC)
community, person = Community.objects.get(), User.objects.get(email="dani@people.example")
days = [dt.date(2026, 10, 8) + dt.timedelta(days=14 * n) for n in range(26)]
for zone in ("America/Vancouver", "America/Toronto"):
    for day in days:
        meeting = Meeting(
            community=community, title=f"{zone} {day}", local_date=day, state="scheduled",
            local_time=dt.time(10), timezone=zone, audience="members_and_allies",
            join_url="https://video.example/join/room",
        )
        meeting.derive_instants()
        meeting.save()
        answer_rsvp(meeting=meeting, person=person, answer="going", now=now)
assert recheck_timezones(now=now) == []
"""
TICK = """
import django
django.setup()
from meetings.tasks import queue_reminders_task
queue_reminders_task()
"""
# Where British Columbia changed its clocks once, winter is an hour later in UTC.
WINTERS = [
    (date(2026, 11, 1), date(2027, 3, 14)),
    (date(2027, 11, 7), date(2028, 3, 12)),
]


@pytest.fixture
def old_zone_data(tmp_path: Path) -> Path:
    """A package `tzdata` of last year: Vancouver still follows the clocks of Los Angeles."""
    source = Path(tzdata.__file__).parent
    package = tmp_path / "old" / "tzdata"
    shutil.copytree(source, package, ignore=shutil.ignore_patterns("__pycache__"))
    places = package / "zoneinfo" / "America"
    shutil.copyfile(places / "Los_Angeles", places / "Vancouver")
    (package / "__init__.py").write_text('__version__ = "2025.2"\nIANA_VERSION = "2025b"\n')
    return package.parent


def run_with(zone_data: Path, *command: str) -> subprocess.CompletedProcess[str]:
    name = settings.DATABASES["default"]["NAME"]
    address = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"
    return subprocess.run(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "PYTHONPATH": f"{zone_data}{os.pathsep}{settings.BASE_DIR}",
            "DATABASE_URL": address,
            "DJANGO_SETTINGS_MODULE": "cop.settings",
        },
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_f12_on_stale_zone_data_nothing_boots(old_zone_data: Path) -> None:
    for command in (["check"], ["migrate", "--check"], ["recheck_timezones"]):
        refused = run_with(old_zone_data, "manage.py", *command)
        assert refused.returncode != 0, command
        assert "cop.E001" in refused.stderr


@pytest.mark.django_db(transaction=True)
def test_f12_new_zone_data_keeps_the_wall_time_and_mends_the_instant(old_zone_data: Path) -> None:
    community = make_community()
    dani = make_member(community, "Dani", email="dani@people.example")
    stored = run_with(old_zone_data, "-c", STORE)
    assert stored.returncode == 0, stored.stderr[-2000:]
    now = datetime(2026, 10, 2, 17, tzinfo=UTC)
    winter = {
        meeting.pk
        for meeting in Meeting.objects.filter(timezone="America/Vancouver")
        if any(first <= meeting.local_date < last for first, last in WINTERS)
    }
    assert 5 < len(winter) < 26
    january = Meeting.objects.get(title="America/Vancouver 2027-01-14")
    # The control: without a look at it, people would come at eleven.
    assert "11:00 a.m. to 12:30 p.m." in say_span(
        january.starts_at, january.ends_at, "America/Vancouver"
    )

    found = recheck_timezones(now=now)

    assert {one.meeting.pk for one in found} == winter, "100 % flagged, and nothing else"
    assert all(one.old - one.new == HOUR and one.letters == 1 for one in found)
    for meeting in Meeting.objects.all():
        right = to_instant(meeting.local_date, time(10), meeting.timezone)
        assert (meeting.local_time, meeting.starts_at) == (time(10), right)
        assert meeting.sequence == (meeting.pk in winter)
    mails = Delivery.objects.filter(kind="changed_clock")
    assert {(mail.state, mail.reason) for mail in mails} == {("paused", "waits for release")}
    assert mails.filter(person=dani).count() == mails.count() == len(winter)
    assert all("METHOD:REQUEST" in mail.calendar for mail in mails)
    assert all("SEQUENCE:1" in mail.calendar for mail in mails)
    assert AuditEvent.objects.filter(action=zones.ACTION).count() == len(winter)
    assert send_due(seconds=5, clock=lambda: datetime(2026, 9, 1, tzinfo=UTC)) == 0

    assert recheck_timezones(now=now + HOUR) == []
    assert mails.count() == len(winter)


@pytest.mark.django_db(transaction=True)
def test_f12_an_old_worker_that_still_runs_does_not_mend_it_back(old_zone_data: Path) -> None:
    """A worker is not stopped by checks, so the action itself refuses to work by old rules."""
    make_meeting(make_community(), local_date=date(2035, 1, 11))
    before = list(Meeting.objects.values())
    tick = (
        "import django; django.setup(); from meetings.tasks import queue_reminders_task as t; t()"
    )
    ran = run_with(old_zone_data, "-c", tick)

    assert ran.returncode == 0, ran.stderr[-2000:]
    assert "zone_data_is_old" in ran.stderr + ran.stdout
    assert list(Meeting.objects.values()) == before

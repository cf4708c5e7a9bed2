"""The list of a video service becomes attendance: matched, looked through, then forgotten (AT4)."""

from collections import defaultdict
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from meetings.actions.attendance import (
    close_attendance,
    facts_of,
    refuse_too_early,
    state_for,
)
from meetings.actions.seats import lock_meeting
from meetings.attendance_lists import Listed, read_listing, spellings
from meetings.models import Attendance, AttendanceImport, AttendanceImportRow, Meeting, Rsvp
from meetings.queries.attendance import candidates
from members.models import User

Match = AttendanceImportRow.Match
# Nobody came back to finish it: the names go.
KEPT = timedelta(days=7)


class _Known:
    """Everybody who may stand in the list, by address and by the ways their name is written."""

    def __init__(self, meeting: Meeting) -> None:
        self.by_email: dict[str, int] = {}
        self.by_name: dict[str, set[int]] = defaultdict(set)
        rows = candidates(meeting).values_list("pk", "display_name", "email")
        for key, name, email in rows:
            self.by_email[email.lower()] = key
            for spelling in spellings(name):
                self.by_name[spelling].add(key)
        others = EmailAddress.objects.filter(verified=True, user__in=candidates(meeting))
        for email, key in others.values_list("email", "user_id"):
            self.by_email.setdefault(email.lower(), key)
        came = meeting.attendances.filter(source=Attendance.Source.LINK)
        self.by_link = set(came.values_list("person_id", flat=True))
        said = Rsvp.objects.filter(meeting=meeting, state__in=Rsvp.COMING)
        self.coming = set(said.values_list("person_id", flat=True)) | self.by_link

    def find(self, listed: Listed) -> tuple[str, int | None]:
        """How, and whom. By name only where it can mean one person alone."""
        if listed.email in self.by_email:
            return Match.EMAIL, self.by_email[listed.email]
        for spelling in spellings(listed.name):
            same = self.by_name.get(spelling, set())
            if len(same & self.by_link) == 1:
                return Match.LINK, next(iter(same & self.by_link))
            if len(same) == 1:
                return Match.NAME, next(iter(same))
        alike = self._alike(listed.name)
        return (Match.NAME, alike) if alike else (Match.NONE, None)

    def _alike(self, name: str) -> int | None:
        """“Dani” or “Dani A”: of those who said yes, the only one whose name begins like that."""
        for spelling in spellings(name):
            words = spelling.split()
            found = {
                key
                for known, keys in self.by_name.items()
                for key in keys & self.coming
                if _begins_like(known.split(), words)
            }
            if len(found) == 1:
                return found.pop()
        return None


def _begins_like(known: list[str], words: list[str]) -> bool:
    if not words or len(words[0]) < 3 or len(words) > len(known):
        return False
    first = known[0] == words[0]
    return first and all(k.startswith(w) for k, w in zip(known[1:], words[1:], strict=False))


@transaction.atomic
def start_attendance_import(
    *, meeting: Meeting, data: bytes, by: User, now: datetime
) -> AttendanceImport:
    """Read the file and keep its rows until somebody has looked at them; the file is not kept.

    A second list replaces one that nobody finished. Raises ListRefused or TableRefused.
    """
    row = lock_meeting(meeting)
    refuse_too_early(row, now)
    listing = read_listing(data)
    row.attendance_imports.filter(finished_at=None).delete()
    made = AttendanceImport.objects.create(
        meeting=row, service=listing.service, uploaded_by=by, uploaded_at=now,
        row_count=len(listing.people),
    )  # fmt: skip
    known = _Known(row)
    AttendanceImportRow.objects.bulk_create(_row(made, one, known) for one in listing.people)
    record("attendance_list_read", row, by=by, scope=row.community.public_id, new=listing.service)
    return made


def _row(made: AttendanceImport, listed: Listed, known: _Known) -> AttendanceImportRow:
    match, person = known.find(listed)
    return AttendanceImportRow(
        listing=made,
        line=listed.line,
        name=listed.name or listed.email.partition("@")[0],
        email=listed.email,
        minutes=min(listed.minutes, 9_999),
        match=match,
        person_id=person,
        is_confirmed=True if match in {Match.LINK, Match.EMAIL} else None,
    )


@transaction.atomic
def finish_attendance_import(
    *, listing: AttendanceImport, chosen: dict[int, int | None], by: User, now: datetime
) -> Meeting:
    """Write down who was there. `chosen`: row -> person, or None for "nobody we know".

    Rows by name that nobody said yes to count as unidentified, like callers without a name.
    The rows are gone afterwards. A second finish of the same list changes nothing.
    """
    meeting = lock_meeting(listing.meeting)
    fresh = AttendanceImport.objects.select_for_update().get(pk=listing.pk)
    if fresh.finished_at:
        return meeting
    seconds: dict[int, int] = defaultdict(int)
    unidentified = 0
    allowed = set(candidates(meeting).values_list("pk", flat=True))
    for row in fresh.rows.order_by("line", "pk"):
        person = row.person_id if row.is_confirmed else chosen.get(row.pk)
        if person is None:
            unidentified += 1
        elif person in allowed:
            seconds[person] += row.minutes
        else:
            raise ActionError(_("One of the people chosen does not belong here. Look again."))
    _write(meeting, seconds)
    close_attendance(meeting, unidentified=unidentified, now=now)
    fresh.rows.all().delete()
    AttendanceImport.objects.filter(pk=fresh.pk).update(finished_at=now)
    new = str(len(seconds))
    record("attendance_list_taken", meeting, by=by, scope=meeting.community.public_id, new=new)
    return meeting


def _write(meeting: Meeting, minutes: dict[int, int]) -> None:
    known = {row.person_id: row for row in meeting.attendances.filter(person__in=minutes)}
    people = User.objects.in_bulk(set(minutes) - set(known))
    for key, stayed in minutes.items():
        stayed = min(stayed, meeting.duration)
        # A list without a column of minutes still says that they were there.
        state = state_for(stayed, meeting.duration) if stayed else Attendance.State.PRESENT
        row = known.get(key)
        if row is None:
            Attendance.objects.create(
                meeting=meeting, person=people[key], state=state, minutes=stayed or None,
                source=Attendance.Source.IMPORT, **facts_of(meeting, people[key]),
            )  # fmt: skip
        elif row.source == Attendance.Source.COORDINATOR:
            # What a person wrote by hand stands.
            Attendance.objects.filter(pk=row.pk).update(minutes=stayed or None)
        else:
            Attendance.objects.filter(pk=row.pk).update(state=state, minutes=stayed or None)


def drop_attendance_import(*, listing: AttendanceImport, by: User) -> None:
    """Forget a list that is not finished."""
    if listing.finished_at is None:
        meeting = listing.meeting
        listing.delete()
        record("attendance_list_dropped", meeting, by=by, scope=meeting.community.public_id)


def keep_attendance_imports(*, now: datetime) -> None:
    """Lists that nobody finished within a week are forgotten, with the names in them."""
    AttendanceImport.objects.filter(finished_at=None, uploaded_at__lt=now - KEPT).delete()

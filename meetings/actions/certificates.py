"""Papers that say that somebody was there, each with a code that anybody can check."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from meetings.models import Attendance, Certificate, Meeting
from meetings.queries.attendance import attended_by, in_year, minutes_of
from members.models import Community, User


@transaction.atomic
def issue_certificate(*, meeting: Meeting, person: User, now: datetime) -> Certificate:
    """For one meeting. The same facts give the same paper again, with the code it had.

    Raises ActionError where nobody noted that the person was there.
    """
    rows = Attendance.objects.select_related("meeting__community")
    row = rows.filter(
        meeting=meeting,
        person=person,
        state__in=Attendance.WAS_THERE,
        meeting__state__in=[Meeting.State.HELD, Meeting.State.WRAPPED],
    ).first()
    if row is None:
        raise ActionError(
            _("There is no paper for this meeting yet. If you were there, ask the coordinator to "
              "add you.")
        )  # fmt: skip
    facts = {"person": person, "community": row.meeting.community, "meeting": row.meeting}
    return _issue(facts, person, minutes_of(row), now)


@transaction.atomic
def issue_transcript(
    *, community: Community, person: User, year_from: date, now: datetime
) -> Certificate:
    """For all meetings of one programme year. Raises ActionError where there was none."""
    rows = list(in_year(attended_by(person, community), year_from))
    if not rows:
        raise ActionError(_("In this year nothing is noted for you."))
    facts = {"person": person, "community": community, "year_from": year_from}
    return _issue(facts, person, sum(minutes_of(row) for row in rows), now)


def _issue(facts: dict[str, object], person: User, minutes: int, now: datetime) -> Certificate:
    # Locked, so that two clicks at once find the same paper.
    User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    said = {"name": person.display_name[:120], "minutes": minutes}
    known = Certificate.objects.filter(**facts, **said).order_by("issued_at", "pk").first()
    return known or Certificate.objects.create(**facts, **said, issued_at=now)

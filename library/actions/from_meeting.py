"""Notes, slides and recordings of a meeting, on their way into the library."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from cop.core.uploads import CheckedUpload
from library.actions.credits import add_credit
from library.actions.resources import submit_resource
from library.models import Resource
from library.queries.from_meeting import Candidate, kinds_of, visibilities
from meetings.models import Meeting
from members.models import User


class NotFromMeeting(ActionError):
    """The meeting gives nothing of this kind, or not yet."""


@transaction.atomic
def bring_from_meeting(
    *,
    meeting: Meeting,
    kind: str,
    people: Iterable[Candidate],
    by: User,
    now: datetime,
    upload: CheckedUpload | None = None,
    **fields: Any,  # noqa: ANN401  title, summary, url, body, visibility …
) -> Resource:
    """To the librarian, with the people in it noted and nobody asked yet.

    Never at once into the library: those in it come first (L4). The form has asked whoever brings
    notes for the facilitator's approval.
    """
    _check(meeting, kind, fields["visibility"], now)
    resource = submit_resource(
        community=meeting.community, person=by, now=now, upload=upload, kind=kind,
        meeting=meeting, stream=meeting.stream, date_of_source=meeting.local_date, **fields,
    )  # fmt: skip
    for one in people:
        add_credit(
            resource=resource, part=one.part, person=one.person, name=one.name, by=by, now=now
        )
    if kind == Resource.Kind.MEETING_NOTES:
        record("library.notes_approved", resource, by=by, scope=meeting.community.public_id)
    return resource


def _check(meeting: Meeting, kind: str, visibility: str, now: datetime) -> None:
    if meeting.state == Meeting.State.CANCELLED or meeting.ends_at > now:
        raise NotFromMeeting(_("This meeting has not taken place yet."))
    if kind not in kinds_of(meeting):
        raise NotFromMeeting(
            _("This meeting was announced as not recorded, so no recording of it is kept.")
        )
    if visibility not in visibilities(meeting):
        raise NotFromMeeting(_("Not more people can see it than could come to the meeting."))

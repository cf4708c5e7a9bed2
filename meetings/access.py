from django.db.models import Exists, OuterRef
from django.http import Http404

from meetings.models import Meeting, Rsvp
from meetings.models.guests import guest_applications
from meetings.models.meetings import MeetingQuerySet
from members.access import Visitor
from members.models import Affiliation, Community


def visible_meetings(person: Visitor, community: Community) -> MeetingQuerySet:
    """The meetings of one community that this person may know of, each with `my_state`."""
    rows = Meeting.objects.visible_to(person).filter(community=community)
    return rows.with_my_answer(person).select_related("community")


def watched(meeting: str = "pk") -> Exists:
    """Does somebody of a funder or regulator come? The page and the mails say so (P4).

    `meeting`: the way from the rows that are asked to their meeting.
    """
    theirs = Affiliation.objects.exclude(state=Affiliation.State.ENDED).filter(
        person=OuterRef("person"), organization__is_regulator_or_funder=True
    )
    coming = Rsvp.objects.filter(meeting=OuterRef(meeting), state__in=Rsvp.COMING)
    return Exists(coming.filter(Exists(theirs)))


def is_watched(meeting: Meeting) -> bool:
    """Asked once a meeting, however many letters are written about it."""
    if meeting._state.adding:
        return False
    if not hasattr(meeting, "is_watched"):
        row = Meeting.objects.filter(pk=meeting.pk).annotate(is_watched=watched())
        meeting.is_watched = row.values_list("is_watched", flat=True).first() or False
    return bool(meeting.is_watched)


def get_meeting_or_404(person: Visitor, community: Community, public_id: str) -> Meeting:
    """404, not 403: who may not see a meeting may not learn that there is one."""
    rows = visible_meetings(person, community).select_related("community", "facilitator")
    waits = guest_applications(person=person.pk, community=OuterRef("community"))
    rows = rows.annotate(is_watched=watched(), is_guest=Exists(waits))
    meeting = rows.filter(public_id=public_id).first()
    if meeting is None:
        raise Http404
    return meeting

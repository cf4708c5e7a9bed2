from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404

from meetings.models import Meeting, Rsvp
from meetings.models.meetings import MeetingQuerySet
from members.access import Visitor
from members.models import Affiliation, Community


def visible_meetings(person: Visitor, community: Community) -> MeetingQuerySet:
    """The meetings of one community that this person may know of, each with `my_state`."""
    rows = Meeting.objects.visible_to(person).filter(community=community)
    return rows.with_my_answer(person).select_related("community")


def _from_behind_the_wall() -> QuerySet[Rsvp]:
    """Answers "I come" of people of a funder or regulator: the page says so beforehand (P4)."""
    theirs = Affiliation.objects.exclude(state=Affiliation.State.ENDED).filter(
        person=OuterRef("person"), organization__is_regulator_or_funder=True
    )
    coming = Rsvp.objects.filter(meeting=OuterRef("pk"), state__in=Rsvp.COMING)
    return coming.filter(Exists(theirs))


def get_meeting_or_404(person: Visitor, community: Community, public_id: str) -> Meeting:
    """404, not 403: who may not see a meeting may not learn that there is one."""
    rows = visible_meetings(person, community).select_related("community", "facilitator")
    rows = rows.annotate(is_watched=Exists(_from_behind_the_wall()))
    meeting = rows.filter(public_id=public_id).first()
    if meeting is None:
        raise Http404
    return meeting

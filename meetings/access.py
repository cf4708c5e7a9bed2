from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404

from meetings.models import Audience, Meeting, MeetingChoices, MeetingRole, Part, Rsvp
from meetings.models.guests import guest_applications
from meetings.models.meetings import MeetingQuerySet
from members.access import Visitor
from members.models import Affiliation, Community, RoleGrant
from members.models.communities import current_grant
from members.queries.communities import audiences_here, holds_here

OPENS = {
    Audience.PUBLIC: "public",
    Audience.MEMBERS_AND_ALLIES: "members_and_allies",
    Audience.MEMBERS_ONLY: "members",
}


def admits(meeting: Meeting, person: Visitor) -> bool:
    """Meeting.visible_to for one meeting that is at hand: the common cases first, and cheaply."""
    if meeting.state == Meeting.State.DRAFT:
        return False
    if is_for(meeting, person):
        return True
    return Meeting.objects.visible_to(person).filter(pk=meeting.pk).exists()


def is_for(meeting: Meeting, person: Visitor) -> bool:
    """Does its audience take this person in? Also asked of drafts, for those who get a part."""
    opening = Community.objects.opening(person, OPENS[Audience(meeting.audience)])
    return opening.filter(pk=meeting.community_id).exists()


def find_meeting_or_404(slug: str, public_id: str) -> Meeting:
    """For an act that asks `admits` itself and shows no page: the bare row, whoever comes."""
    rows = Meeting.objects.published().filter(community__slug=slug, public_id=public_id)
    rows = rows.exclude(community__status=Community.Status.ARCHIVED)
    meeting = rows.select_related("community").first()
    if meeting is None:
        raise Http404
    return meeting


def visible_meetings(person: Visitor, community: Community) -> MeetingQuerySet:
    """The meetings of one community that this person may know of, each with `my_state`.

    The same as Meeting.visible_to, from what was read with the community: whoever belongs needs
    no further question, and whoever does not may be a guest (AM5).
    """
    audiences = audiences_here(community, person)
    is_outside = audiences == {"public"} and person.is_authenticated
    if audiences is None or is_outside:
        rows = Meeting.objects.visible_to(person)
    else:
        rows = Meeting.objects.published().filter(audience__in=sorted(audiences))
    rows = rows.filter(community=community)
    return rows.with_my_answer(person) if person.is_authenticated else rows


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


def prepares(meeting: Meeting, person: Visitor) -> bool:
    """Its facilitators and the coordinators of its community; administrators are neither (P4)."""
    if not person.is_authenticated or person.sees_as_member_of is not None:
        return False
    if not hasattr(meeting, "leads"):
        meeting.leads = leading(person).filter(meeting=meeting).exists()
    has_part = meeting.facilitator_id == person.pk or meeting.leads
    return (has_part or _coordinates(meeting.community, person)) and not person.is_walled()


def _coordinates(community: Community, person: Visitor) -> bool:
    if hasattr(community, "i_am"):
        return holds_here(community, RoleGrant.Role.COORDINATOR)
    grants = person.role_grants.filter(current_grant(), role=RoleGrant.Role.COORDINATOR)
    return bool(grants.filter(community=community).exists())


def leading(person: Visitor) -> QuerySet[MeetingRole]:
    """Where this person facilitates beside the one who stands on the meeting itself."""
    return MeetingRole.objects.filter(
        person=person.pk, part=Part.FACILITATOR, state__in=MeetingRole.IN_FORCE, is_backup=False
    )


def get_meeting_or_404(person: Visitor, community: Community, public_id: str) -> Meeting:
    """404, not 403: who may not see a meeting may not learn that there is one."""
    rows = visible_meetings(person, community).select_related(None)
    rows = rows.select_related("facilitator", "topic")
    rows = rows.annotate(is_watched=watched())
    if person.is_authenticated:
        choices = MeetingChoices.objects.filter(person=person.pk, has_discreet_titles=True)
        rows = rows.annotate(
            leads=Exists(leading(person).filter(meeting=OuterRef("pk"))),
            has_part=Exists(
                MeetingRole.objects.filter(
                    meeting=OuterRef("pk"), person=person.pk, state__in=MeetingRole.IN_FORCE
                )
            ),
            # For the links and the file that put it into a calendar.
            is_discreet=Exists(choices),
        )
        if audiences_here(community, person) in (None, {"public"}):
            waits = guest_applications(person=person.pk, community=OuterRef("community"))
            rows = rows.annotate(is_guest=Exists(waits))
    meeting = rows.filter(public_id=public_id).first()
    if meeting is None:
        raise Http404
    # The one that is at hand knows besides what this person is there.
    meeting.community = community
    return meeting

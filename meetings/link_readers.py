"""Who holds a signed link, and for which meeting. Whatever is wrong with it, it is the same 404."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest

from cop.core.links import BadLink, read_token
from meetings.access import is_for
from meetings.models import Meeting, MeetingRole
from members.models import Community, User


def read_meeting_link(
    purpose: str, token: str, *, more: int = 0
) -> tuple[Meeting, User, list[Any]]:
    """Of a token that begins with a meeting and a person: both of them, and what follows (`more`).

    404 also for those whom the audience does not admit any more: whoever has left, for one,
    learns no more about it.
    """
    try:
        meeting_id, person_id, *rest = read_token(purpose, token)
    except (BadLink, TypeError, ValueError) as error:
        raise Http404 from error
    if len(rest) != more:
        raise Http404
    person = User.objects.filter(public_id=person_id, is_active=True).first()
    meeting = (
        Meeting.objects.published()
        .select_related("community")
        .filter(public_id=meeting_id, community__in=Community.objects.public())
        .first()
    )
    if person is None or meeting is None:
        raise Http404
    if not Meeting.objects.visible_to(person).filter(pk=meeting.pk).exists():
        raise Http404
    return meeting, person, rest


def read_role_link(purpose: str, token: str, *, withdrawn: bool = False) -> MeetingRole:
    """Of a token that names a part in a meeting: the part, while it is in force. Else 404.

    `withdrawn`: also of who has withdrawn, and may think again. A part in a draft is answered too:
    people are asked before the meeting is announced.
    """
    try:
        public_id = read_token(purpose, token)
    except BadLink as error:
        raise Http404 from error
    rows = MeetingRole.objects.filter(
        person__is_active=True, meeting__community__in=Community.objects.public()
    )
    if not withdrawn:
        rows = rows.filter(state__in=MeetingRole.IN_FORCE)
    rows = rows.select_related("meeting__community", "meeting__format", "person")
    role = rows.filter(public_id=public_id).first()
    if role is None or not is_for(role.meeting, role.person):
        raise Http404
    return role


def language_of(request: HttpRequest, person: User) -> str:
    """The one chosen on this device, else the person's: nobody need be signed in here."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if chosen in dict(settings.LANGUAGES) else person.language

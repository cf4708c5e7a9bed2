from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_http_methods, require_safe

from cop.core.errors import ActionError
from cop.core.links import BadLink, read_token
from meetings import ics
from meetings.actions import answer_rsvp
from meetings.answers import say_answer
from meetings.models import Meeting, Rsvp
from meetings.queries import feed_meetings, find_feed, place_in_line
from members.models import Community, User

LINK_LIVES = timedelta(days=1)
ANSWERS = (Rsvp.State.GOING, Rsvp.State.NOT_GOING, Rsvp.State.SEND_MATERIALS)


@require_http_methods(["GET", "HEAD", "POST"])
def rsvp_link(request: HttpRequest, token: str) -> HttpResponse:
    """Answer from a mail, without signing in. GET changes nothing: mail scanners open it (RS1)."""
    meeting, person = _read(token)
    now = timezone.now()
    with translation.override(_language(request, person)):
        if now > meeting.starts_at + LINK_LIVES:
            return render(request, "meetings/rsvp_link_over.html", {"meeting": meeting}, status=410)
        if request.method == "POST":
            _answer(request, meeting, person, now)
            return redirect("rsvp_link", token=token)
        return render(request, "meetings/rsvp_link.html", _context(request, meeting, person, now))


def _language(request: HttpRequest, person: User) -> str:
    """The one chosen on this device, else the person's: nobody need be signed in here."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if chosen in dict(settings.LANGUAGES) else person.language


def _read(token: str) -> tuple[Meeting, User]:
    try:
        meeting_id, person_id = read_token("rsvp", token)
    except (BadLink, TypeError, ValueError) as error:
        raise Http404 from error
    person = User.objects.filter(public_id=person_id, is_active=True).first()
    meeting = (
        Meeting.objects.published()
        .select_related("community")
        .filter(public_id=meeting_id, community__in=Community.objects.public())
        .first()
    )
    if person is None or meeting is None:
        raise Http404
    # Whoever may not come any more (has left, for one) learns no more about it either.
    if not Meeting.objects.visible_to(person).filter(pk=meeting.pk).exists():
        raise Http404
    return meeting, person


def _answer(request: HttpRequest, meeting: Meeting, person: User, now: datetime) -> None:
    answer = request.POST.get("answer", "")
    try:
        rsvp = answer_rsvp(
            meeting=meeting, person=person, answer=answer, via=Rsvp.Via.MAIL_LINK, now=now
        )
    except ActionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, say_answer(rsvp))


def _context(
    request: HttpRequest, meeting: Meeting, person: User, now: datetime
) -> dict[str, object]:
    rsvp = meeting.rsvps.filter(person=person).first()
    tapped = request.GET.get("answer", "")
    has_seat = rsvp is not None and rsvp.holds_seat
    return {
        "meeting": meeting,
        "community": meeting.community,
        "zone": person.timezone,
        # A mail may have been passed on: a first letter is enough to notice that.
        "initial": person.display_name[:1],
        "rsvp": rsvp,
        "place_in_line": place_in_line(rsvp) if rsvp and rsvp.wait_ticket else None,
        "tapped": tapped if tapped in ANSWERS else "",
        "needs_line": tapped == Rsvp.State.GOING and meeting.is_full and not has_seat,
        "takes_answers": meeting.takes_answers(now),
        "is_over": meeting.ends_at <= now,
    }


@require_safe
def calendar_file(request: HttpRequest, secret: str) -> HttpResponse:
    """One's own meetings for a calendar program. Titles and times; no names, no join link."""
    found = find_feed(secret)
    if found is None:
        raise Http404
    person = found.person
    with translation.override(person.language):
        text = ics.feed(person, feed_meetings(person, timezone.now()))
    content = text.encode()
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    # Strong: over the bytes, which depend on nothing but the meetings (RFC 9110).
    etag = f'"{sha256(content).hexdigest()[:32]}"'
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, max-age=900"
    return get_conditional_response(request, etag=etag, response=response)

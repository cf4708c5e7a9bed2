"""The result of a vote at the desk: look, put in order with reasons, publish, give slots."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cop.core.errors import ActionError
from meetings.actions.ballot_slots import attach_topics
from meetings.actions.counting import publish_ballot
from meetings.admin.base import desk_page
from meetings.models import Ballot
from meetings.queries.ballot_slots import kept_free, open_slots, propose_slots, waiting_options
from meetings.queries.ballots import options_of
from meetings.queries.counting import OVER, by_rank, result_of
from members.desk import CommunityAdmin

State = Ballot.State


def ballot_page(
    admin: CommunityAdmin, request: HttpRequest, ballot: Ballot, steps: list[Any]
) -> HttpResponse:
    """A vote that is not a draft any more. Totals stand here only once it has closed (TP1)."""
    is_post = request.method == "POST" and ballot.state == State.CLOSED
    if is_post and _publish(admin, request, ballot):
        return redirect(request.path)
    options = options_of(ballot)
    context = {
        "title": ballot.title,
        "ballot": ballot,
        "steps": steps,
        "zone": ballot.community.timezone,
        "options": options,
        "result": result_of(ballot, options) if ballot.state in OVER else None,
        "places": _places(request, options) if ballot.state == State.CLOSED else [],
        "seats": range(1, min(ballot.seats, len(options)) + 1),
        "waits": bool(ballot.state == State.PUBLISHED and waiting_options(ballot)),
    }
    return desk_page(admin, request, "ballot.html", context)


def _places(request: HttpRequest, options: list[Any]) -> list[tuple[Any, str, str]]:
    """(option, place, reason) by rank: as typed, where it was refused, else as the votes say."""
    typed = request.POST if request.method == "POST" else None
    rows = []
    for one in by_rank(options):
        place = str(one.place or "")
        if typed is not None:
            place = typed.get(f"place-{one.pk}", "")
        rows.append((one, place, typed.get(f"reason-{one.pk}", "") if typed else ""))
    return rows


def _publish(admin: CommunityAdmin, request: HttpRequest, ballot: Ballot) -> bool:
    """False where it was refused: then what was typed stays on the page."""
    keys = list(ballot.options.values_list("pk", flat=True))
    places: dict[int, list[int]] = {}
    for key in keys:
        text = request.POST.get(f"place-{key}", "")
        if text.isascii() and text.isdecimal() and len(text) < 4:
            places.setdefault(int(text), []).append(key)
    try:
        if any(len(found) > 1 for found in places.values()):
            raise ActionError(_("Two topics have the same number. Give each its own."))
        publish_ballot(
            ballot=ballot,
            order=[places[number][0] for number in sorted(places)],
            reasons={key: request.POST.get(f"reason-{key}", "") for key in keys},
            by=request.user,
            now=timezone.now(),
        )
    except ActionError as error:
        admin.message_user(request, str(error), "ERROR")
        return False
    admin.message_user(request, _("The result is out, for members and allies."), "SUCCESS")
    return True


def slots_page(
    admin: CommunityAdmin, request: HttpRequest, ballot: Ballot, back_url: str
) -> HttpResponse:
    """Which topic goes to which draft: proposed, changed by a person, then done."""
    now = timezone.now()
    options, slots = waiting_options(ballot), open_slots(ballot, now)
    if request.method == "POST":
        typed = {one.pk: request.POST.get(f"slot-{one.pk}", "") for one in options}
        wanted = {key: int(text) for key, text in typed.items() if text.isdecimal()}
        try:
            count = attach_topics(ballot=ballot, slots=wanted, by=request.user, now=now)
        except ActionError as error:
            admin.message_user(request, str(error), "ERROR")
        else:
            told = ngettext("%(n)d topic has its meeting.", "%(n)d topics have their meeting.",
                            count)  # fmt: skip
            admin.message_user(request, told % {"n": count}, "SUCCESS")
            return redirect(back_url)
    zone = ballot.community.timezone
    proposed = propose_slots(options, slots, zone)
    free = kept_free(slots, zone)
    context = {
        "title": _("Give the next open slots their topics"),
        "ballot": ballot,
        "lines": [(one, getattr(proposed.get(one.pk), "pk", None)) for one in options],
        "slots": [(meeting, meeting.pk in free) for meeting in slots],
        "back_url": back_url,
    }
    return desk_page(admin, request, "ballot_slots.html", context)

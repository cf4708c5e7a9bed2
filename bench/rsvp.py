"""Two hundred people answer for twenty seats at once, over real HTTP (fault F14).

    make bench ARGS=rsvp          50 rounds
    make bench ARGS="rsvp 5"      fewer

ours      the site under gunicorn (two workers, four threads each): POST of the meeting's page
limit     the least Django can do (bench/limit.py): one conditional UPDATE and one row
careless  ours with the protection off: it must oversell, or this measures nothing

The rounds of ours and of the limit take turns, so that the ratio is that of one machine at one
time; "one" is one meeting for all, "many" a meeting for each person.
"""

import os
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from bench.crowd import Rush, gunicorn, rush, session_of
from bench.services import own_services

PEOPLE, SEATS, ROUNDS, MANY_ROUNDS, CONTROL_ROUNDS = 200, 20, 50, 5, 3
SLOWEST_MS = 2000.0
SLUG = "bench"


def main() -> None:
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS
    with own_services():
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        people = [(person, session_of(person)) for person in _people()]
        log = _log()
        with gunicorn("cop.wsgi", log) as ours, gunicorn("bench.limit", log) as limit:
            _warm_up(ours, limit, people)
            one = [_round(ours, limit, people) for _n in range(rounds)]
            many = [_many(ours, limit, people) for _n in range(min(rounds, MANY_ROUNDS))]
        with gunicorn("bench.careless", log) as careless:
            oversold = max(_control(careless, people) for _n in range(CONTROL_ROUNDS))
    _print("one meeting", one)
    _print("a meeting each", many)
    rushes = [ours for ours, _limit in one]
    worst = sorted(rush.p95 for rush in rushes)
    statuses = {status for rush in rushes for status in rush.failed}
    print(f"{len(one)} rounds of {PEOPLE} for {SEATS} seats: exactly {SEATS} each time, the line")
    print(f"in the order of its tickets; p95 {median(worst):.0f} ms (worst round {worst[-1]:.0f})")
    print(f"answers that were no redirect: {sorted(statuses) or 'none'}")
    print(f"control, protection off: {oversold} seated on {SEATS} seats")
    if statuses or median(worst) > SLOWEST_MS or oversold <= SEATS:
        raise SystemExit("beyond the goal")


def _log() -> Path:
    return Path(os.environ["VAR_DIR"]) / "gunicorn.log"


def _print(name: str, pairs: list[tuple[Rush, Rush]]) -> None:
    ours = median(PEOPLE / one.seconds for one, _limit in pairs)
    limit = median(PEOPLE / one.seconds for _ours, one in pairs)
    print(f"POST, {name:16} ours {ours:5.0f}/s  limit {limit:5.0f}/s  ratio {ours / limit:.2f}")


def _people() -> list[Any]:
    from datetime import date

    from members.models import Community, Membership, ParticipationAgreement, User

    community = Community.objects.create(
        slug=SLUG, name="Bench", short_name="Bench", status="open", purpose="We learn.",
        languages=["en"], contact_email="hello@bench.example",
    )  # fmt: skip
    ParticipationAgreement.objects.create(
        community=community, version=1, lines=["Ask first."], published_on=date(2026, 4, 1)
    )
    people = User.objects.bulk_create(
        User(email=f"person{n}@bench.example", display_name=f"Zoë Théberge {n}")
        for n in range(PEOPLE)
    )
    Membership.objects.bulk_create(
        Membership(
            community=community, person=person, joined_on=date(2026, 4, 1), category="member"
        )
        for person in people
    )  # fmt: skip
    return people


def _meeting(seats: int | None) -> Any:  # noqa: ANN401
    from datetime import time

    from django.utils import timezone

    from meetings.models import Meeting
    from members.models import Community

    meeting = Meeting(
        community=Community.objects.get(slug=SLUG), title="A good night's work", duration=90,
        state="scheduled", local_date=timezone.now().date() + timedelta(days=30),
        local_time=time(10), timezone="America/Vancouver", capacity=seats,
        join_url="https://video.example/bench",
    )  # fmt: skip
    meeting.derive_instants()
    meeting.save(force_insert=True)
    return meeting


def _ours(meeting: Any, session: str) -> tuple[str, str, str]:  # noqa: ANN401
    return f"/{SLUG}/meetings/{meeting.public_id}/rsvp/", session, "answer=going"


def _limit(meeting: Any, session: str) -> tuple[str, str, str]:  # noqa: ANN401
    return f"/{meeting.pk}/", session, "answer=going"


def _warm_up(ours: int, limit: int, people: list[tuple[Any, str]]) -> None:
    meetings = _meeting(SEATS), _meeting(SEATS)
    rush(ours, [_ours(meetings[0], session) for _person, session in people[:40]])
    rush(limit, [_limit(meetings[1], session) for _person, session in people[:40]])


def _round(ours: int, limit: int, people: list[tuple[Any, str]]) -> tuple[Rush, Rush]:
    mine, bare = _meeting(SEATS), _meeting(SEATS)
    first = rush(ours, [_ours(mine, session) for _person, session in people])
    if first.failed:
        print(f"not answered: {Counter(first.failed)}")
    _check(mine)
    second = rush(limit, [_limit(bare, session) for _person, session in people])
    assert bare.rsvps.count() == PEOPLE, "the limit did not do its work"
    return first, second


def _many(ours: int, limit: int, people: list[tuple[Any, str]]) -> tuple[Rush, Rush]:
    mine, bare = ([_meeting(SEATS) for _person in people] for _side in range(2))
    sessions = [session for _person, session in people]
    first = rush(ours, [_ours(*pair) for pair in zip(mine, sessions, strict=True)])
    second = rush(limit, [_limit(*pair) for pair in zip(bare, sessions, strict=True)])
    return first, second


def _check(meeting: Any) -> None:  # noqa: ANN401
    """Exactly the seats, one answer each, the line without a gap, a mail for each seat."""
    from outbox.models import Delivery

    meeting.refresh_from_db()
    going = meeting.rsvps.filter(state="going", holds_seat=True).count()
    line = meeting.rsvps.filter(state="waitlisted").order_by("wait_ticket")
    tickets = list(line.values_list("wait_ticket", flat=True))
    mails = Delivery.objects.filter(key__startswith=f"rsvp:{meeting.public_id}:").count()
    assert (going, meeting.going_count, mails) == (SEATS, SEATS, SEATS), (going, mails)
    assert tickets == list(range(1, PEOPLE - SEATS + 1)), tickets
    answered = list(line.values_list("pk", flat=True))
    assert answered == sorted(answered), "the line is not in the order in which people came"


def _control(careless: int, people: list[tuple[Any, str]]) -> int:
    meeting = _meeting(SEATS)
    rush(careless, [_ours(meeting, session) for _person, session in people])
    return int(meeting.rsvps.filter(holds_seat=True).count())

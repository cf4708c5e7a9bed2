"""The meetings pages at 50 and 5,000 meetings, and the calendar feed of 200 events under load.

    make bench ARGS=calendar

Pages and feed: CPU of this process, as ratios of the bare page of the same run. Then, over real
HTTP (fault F40): how many 304 a second two workers give, 100 visits a second with and without an
ETag, and how soon a replaced address is dead.
"""

import http.client
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bench.crowd import gunicorn, session_of
from bench.services import own_services
from cop.local.places import Places
from cop.local.processes import Child, stop_together
from cop.local.valkey import Valkey

FEW, MANY, EVENTS = 50, 5_000, 200
# What the pages may cost: times the bare page, and times themselves with few meetings.
LIST_GOAL, GROWTH_GOAL = 1.7, 1.2
SECONDS, CLIENTS, PACE = 5, 8, 100
NOT_CHANGED_GOAL, REVOKED_GOAL, MS_GOAL = 300, 1.0, 15.0


def main() -> None:
    with own_services():
        folder = Path(os.environ["VAR_DIR"])
        places = Places(folder / "cache")
        places.make()
        valkey = Valkey(places.broker, places.sockets(), folder / "valkey.log", throw_away=True)
        child = Child(valkey.program)
        os.environ["REDIS_URL"] = valkey.url
        try:
            _measure(folder)
        finally:
            stop_together([child])


def _measure(folder: Path) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from meetings.actions import replace_calendar_feed

    call_command("migrate", verbosity=0)
    person = _fill()
    over = [*_pages(person), *_feed(person)]
    secret = replace_calendar_feed(person=person).secret
    with gunicorn("cop.wsgi", folder / "gunicorn.log") as port:
        over += _hammer(port, person, secret)
    print("beyond the goal: " + ", ".join(over) if over else "all within the goals")


def _fill() -> Any:  # noqa: ANN401
    """A member of both communities, who comes to 200 meetings of the large one."""
    from django.utils import timezone

    from meetings.models import Meeting, Rsvp
    from members.models import Community, Membership, User

    person = User.objects.create_user("bench@cop.example", display_name="Ravi")
    now = timezone.now()
    for slug, count in (("few", FEW), ("many", MANY)):
        community = Community.objects.create(
            slug=slug, name=slug, short_name=slug, status="open", purpose="We learn.",
            languages=["en"], contact_email="hello@bench.example",
        )  # fmt: skip
        Membership.objects.create(community=community, person=person, joined_on=date(2026, 4, 1))
        Meeting.objects.bulk_create(_meetings(community, count, now.date()), batch_size=1000)
    rows = Meeting.objects.filter(community__slug="many").order_by("-starts_at")[:EVENTS]
    Rsvp.objects.bulk_create(
        Rsvp(meeting=row, person=person, state="going", holds_seat=True, answered_at=now)
        for row in rows
    )
    Meeting.objects.filter(pk__in=[row.pk for row in rows]).update(going_count=1)
    _analyze()
    return person


def _analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _meetings(community: Any, count: int, today: date) -> Iterator[Any]:  # noqa: ANN401
    """One a day, half of them past: a month looks the same in both communities."""
    from meetings.models import Meeting

    kinds = ("learning_session", "dialogue_session")
    for n in range(count):
        # The large one reaches back and ahead for years; what is near is as dense.
        day = today + timedelta(days=n - count // 2)
        meeting = Meeting(
            community=community, title=f"A good night's work {n}", local_date=day,
            local_time="10:00", state="scheduled" if day > today else "held", kind=kinds[n % 2],
            audience="public", capacity=20 if n % 3 else None,
        )  # fmt: skip
        from datetime import time as wall

        meeting.local_time = wall(10, 0)
        meeting.derive_instants()
        yield meeting


def _pages(person: Any) -> list[str]:  # noqa: ANN401
    from django.test import Client

    from bench.bare import bare_page
    from bench.measuring import measure
    from bench.pages import get_page

    bare = measure(bare_page(person))
    visitor, member = Client(), Client()
    member.force_login(person)
    over, today = [], date.today()
    print(f"{'page':28} {'SQL':>4} {'CPU ms':>7} {'x bare':>7} {'x few':>6}")
    print(f"{'bare list: 20 rows':28} {bare.queries:4d} {bare.cpu:7.1f} {1:7.2f}")
    for who, client in (("visitor", visitor), ("member", member)):
        for place in ("", "weeks/", f"{today.year}/{today.month}/"):
            few, many = (
                measure(partial(get_page, client, f"/{slug}/meetings/{place}"))
                for slug in ("few", "many")
            )
            name = f"{place.strip('/') or 'list'}, {who}"
            ratio, growth = many.cpu / bare.cpu, many.cpu / few.cpu
            print(f"{name:28} {many.queries:4d} {many.cpu:7.1f} {ratio:7.2f} {growth:6.2f}")
            if growth > GROWTH_GOAL or (not place and ratio > LIST_GOAL):
                over.append(name)
    return over


def _feed(person: Any) -> list[str]:  # noqa: ANN401
    from django.core.cache import cache
    from django.test import Client

    from bench.measuring import measure
    from meetings.actions import replace_calendar_feed

    path = f"/m/{replace_calendar_feed(person=person).secret}/calendar.ics"
    client = Client()
    etag = client.get(path, HTTP_HOST="localhost").headers["ETag"]

    def visit(clear: bool = False, **headers: str) -> None:
        if clear:
            cache.clear()
        client.get(path, HTTP_HOST="localhost", **headers)

    known = measure(partial(visit, HTTP_IF_NONE_MATCH=etag))
    kept, built = measure(visit), measure(partial(visit, clear=True))
    print(f"feed of {EVENTS}: 304 {known.cpu:.1f} ms CPU, {known.queries} SQL; "
          f"from the cache {kept.cpu:.1f}; built {built.cpu:.1f}")  # fmt: skip
    return ["304"] if known.cpu > MS_GOAL or known.queries > 3 else []


def _hammer(port: int, person: Any, secret: str) -> list[str]:  # noqa: ANN401
    path = f"/m/{secret}/calendar.ics"
    session_of(person)
    etag = _visit(_open(port), path)[1]
    counts, _late = _rush(port, path, [etag], until=SECONDS)
    rate = counts[304] / SECONDS
    print(f"304: {rate:.0f} a second from {CLIENTS} clients for {SECONDS} s; {dict(counts)}")
    counts, times = _rush(port, path, [etag, ""], until=SECONDS, pace=PACE)
    p95 = sorted(times)[int(len(times) * 0.95)] * 1000
    print(f"{PACE} a second, every other without ETag: {dict(counts)}, p95 {p95:.0f} ms")
    dead = _revoke(port, path, etag, person)
    print(f"replaced under load: the old address answered for {dead:.2f} s")
    over = ["304 a second"] if rate < NOT_CHANGED_GOAL or set(counts) != {200, 304} else []
    return [*over, "revoke"] if dead > REVOKED_GOAL else over


def _revoke(port: int, path: str, etag: str, person: Any) -> float:  # noqa: ANN401
    """Seconds from the change to the last answer that was not 404."""
    from meetings.actions import replace_calendar_feed

    alive: list[float] = []

    def note(status: int, at: float) -> None:
        if status != 404:
            alive.append(at)

    running = threading.Thread(
        target=_rush, args=(port, path, [etag, ""]), kwargs={"until": 3, "note": note}
    )
    running.start()
    time.sleep(1)
    replace_calendar_feed(person=person)
    changed = time.perf_counter()
    running.join()
    return max(0.0, max(alive) - changed)


def _rush(
    port: int,
    path: str,
    etags: list[str],
    *,
    until: float,
    pace: int = 0,
    note: Callable[[int, float], None] | None = None,
) -> tuple[Counter[int], list[float]]:
    """Each client on its own connection; with `pace`, all together so many a second."""
    counts: Counter[int] = Counter()
    times: list[float] = []
    end = time.perf_counter() + until

    def client(number: int) -> None:
        connection, n = _open(port), number
        while (began := time.perf_counter()) < end:
            status, _etag = _visit(connection, path, etags[n % len(etags)])
            done = time.perf_counter()
            counts[status] += 1
            times.append(done - began)
            if note:
                note(status, done)
            n += 1
            if pace:
                time.sleep(max(0.0, CLIENTS / pace - (done - began)))

    threads = [threading.Thread(target=client, args=(n,)) for n in range(CLIENTS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return counts, times


def _open(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=30)


def _visit(connection: http.client.HTTPConnection, path: str, etag: str = "") -> tuple[int, str]:
    connection.request(
        "GET", path, headers={"Host": "localhost"} | ({"If-None-Match": etag} if etag else {})
    )
    response = connection.getresponse()
    response.read()
    return response.status, response.headers.get("ETag", "")

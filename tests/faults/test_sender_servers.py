"""The mail server refuses, hangs up, goes away (F3), or does not answer the last dot (F4)."""

import time
from collections import Counter
from collections.abc import Callable

import pytest

from tests.faults.harness import FULL, Crew, Site
from tests.faults.waiting import wait_until

pytestmark = pytest.mark.faults
MAILS = 3000 if FULL else 2000
DOWN = 60 if FULL else 20
LATE = 120 if FULL else 10


def give_tags(site: Site) -> None:
    """One address in a hundred says 451, one 550; half as many (or less) 421, on one host."""
    for place, tag in ((10, "451"), (20, "550")):
        site.sql(
            "UPDATE members_user SET email = replace(email::text, '@', %s) WHERE id %% 100 = %s",
            f"+{tag}@",
            place,
        )
    site.sql(
        "UPDATE members_user SET email = split_part(email::text, '@', 1) || '+421@busy.example' "
        "WHERE id %% %s = 30",
        200 if FULL else 400,
    )


def rate(site: Site, since: float, until: float) -> float:
    return sum(since <= one.at < until for one in site.sink.taken()) / (until - since)


def seconds_to_recover(site: Site, *, came_back: float, before: float) -> float:
    """After how many seconds there was a window of three with nine tenths of the old speed."""
    stamps = [one.at for one in site.sink.taken() if one.at >= came_back]
    for start in stamps:
        if sum(start <= at < start + 3 for at in stamps) / 3 >= 0.9 * before:
            return start - came_back
    return float("inf")


def test_refusals_and_an_absent_server(make_site: Callable[..., Site]) -> None:
    site = make_site(before=0.03, after=0.001)
    give_tags(site)
    assert site.call("queue_newsletter", limit=MAILS) == MAILS
    refused = site.sql(
        "SELECT count(*) FROM outbox_delivery d JOIN members_user u ON u.id = d.person_id "
        "WHERE u.email::text LIKE %s",
        "%+550@%",
    )[0][0]
    Crew(site, 3)
    wait_until(lambda: len(site.sink.taken()) > 700)
    before = rate(site, time.time() - 4, time.time())
    site.sink.down()
    time.sleep(DOWN)
    site.sink.up()
    came_back = time.time()
    site.settle(900 if FULL else 180, hurry=not FULL)
    count = site.sink.count()
    recovered = seconds_to_recover(site, came_back=came_back, before=before)
    tries = Counter(one.recipient for one in site.sink.lines() if one.what == "refused-550")
    print(
        f"F3: {count.unique} of {MAILS - refused} arrived, twice {count.duplicates}; {before:.0f} "
        f"mails/s before, nine tenths of that {recovered:.1f} s after its return"
    )
    assert count.lost(MAILS - refused) == 0
    # What was between the last dot and its answer in the moment of the cut.
    assert count.duplicates <= 3
    assert len(tries) == refused
    assert set(tries.values()) == {1}
    assert site.states() == {"sent": MAILS - refused, "failed": refused}
    assert recovered <= 30
    assert site.sql("SELECT 1 FROM outbox_hostpace WHERE host = 'busy.example'")


def greylisted(site: Site) -> tuple[int, int]:
    """Twenty addresses say 451 once, five 550. Returns who got mail, and tries of the five."""
    site.call("queue_letters", prefix="a", addresses=[f"a{n}+451@host.example" for n in range(20)])
    site.call("queue_letters", prefix="b", addresses=[f"b{n}+550@host.example" for n in range(5)])
    Crew(site, 2)
    wait_until(lambda: sum(one.what != "taken" for one in site.sink.lines()) >= 25)
    for _twice in range(2):
        site.hurry()
        time.sleep(1.5)
    return site.sink.count().unique, sum(one.what == "refused-550" for one in site.sink.lines())


def test_refused_for_now_is_tried_again_and_for_good_is_not(
    make_site: Callable[..., Site],
) -> None:
    assert greylisted(make_site()) == (20, 5)


def test_control_without_retries_mail_is_lost(make_site: Callable[..., Site]) -> None:
    arrived, _tries = greylisted(make_site(without="retries"))
    assert arrived < 20


def test_control_without_classes_a_dead_address_is_tried_again(
    make_site: Callable[..., Site],
) -> None:
    _arrived, tries = greylisted(make_site(without="classes"))
    assert tries > 5


def answers_missing(site: Site) -> None:
    letters = [f"guest{n}@host.example" for n in range(100)]
    letters += [f"guest{n}+drop@host.example" for n in range(5)]
    letters += [f"guest{n}+never@host.example" for n in range(3)]
    letters += [f"guest{n}+late@host.example" for n in range(2)]
    site.call("queue_letters", prefix="seat", addresses=letters)
    Crew(site, 3)
    wait_until(lambda: len(site.sink.taken()) >= 110)
    site.settle(LATE + 60, hurry=True)


def test_answers_that_come_late_or_never(make_site: Callable[..., Site]) -> None:
    site = make_site(late=LATE)
    answers_missing(site)
    assert site.sink.count().lost(110) == 0
    assert site.sink.count().recipients == 110, "a repeat keeps its Message-ID"
    late, dropped = site.sink.count("+late"), site.sink.count("+drop")
    assert (late.total, late.duplicates) == (2, 0)
    assert (dropped.total, dropped.unique) == (10, 5), "once more, and no oftener"
    never = site.sink.count("+never")
    assert (never.total, never.unique) == (6, 3)
    # Both are listed: what came twice, and what a person must decide about.
    assert site.reasons("sent")["possible repeat"] == 5
    assert site.reasons("uncertain") == {"the server did not answer": 3}
    assert site.call("health")["uncertain"] == 3


def test_control_without_patience_late_answers_make_duplicates(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(late=10, without="patience")
    answers_missing(site)
    assert site.sink.count("+late").duplicates > 0

"""What sending costs: 5,000 newsletters of 30 KB, a row recorded for each, beside two others.

    make bench ARGS=mail

raw      smtplib over one connection, the bytes made beforehand: what the protocol costs
django   Django's send_messages over one open connection; nothing is recorded
ours     outbox.send_due: claimed, fenced, counted, recorded, over one kept connection

All three write to a sink on loopback that parses nothing, in turns, three rounds; the ratios are
those of the medians of one run. Then: queueing for 100,000, and claiming beside a million rows.
"""

import resource
import smtplib
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from bench.services import own_services

MAILS, ROUNDS = 5000, 3
WORDS = "On the second Thursday we met about nights without staff, and wrote down what helps. "


def main() -> None:
    with own_services() as port:
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        people = _people(MAILS)
        ways = {
            "raw smtplib, bytes made beforehand": lambda: _raw(port),
            "Django send_messages": lambda: _django(port),
            "ours, a row recorded for each": lambda: _ours(people),
        }
        rates = {name: [] for name in ways}
        for _round in range(ROUNDS):
            for name, way in ways.items():
                rates[name].append(MAILS / _seconds(way))
        _print_sending({name: median(found) for name, found in rates.items()})
        _queueing()
        _claiming()


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _print_sending(rates: dict[str, float]) -> None:
    raw, django, _ours = rates.values()
    print(
        f"{'5,000 mails of 30 KB, one connection':40} {'mails/s':>8} {'x Django':>9} {'x raw':>6}"
    )
    for name, rate in rates.items():
        print(f"{name:40} {rate:8.0f} {rate / django:9.2f} {rate / raw:6.2f}")


def _html() -> str:
    paragraphs = "".join(f"<p style='margin:0 0 16px'>{WORDS * 4}</p>\n" for _ in range(78))
    links = '<p><a href="%%CHOICES_URL%%">Choices</a> <a href="%%UNSUBSCRIBE_URL%%">Stop</a></p>'
    return f"<html lang='en'><body>{paragraphs}{links}</body></html>"


def _text() -> str:
    return (WORDS + "\n") * 20 + "\nChoices: %%CHOICES_URL%%\nStop: %%UNSUBSCRIBE_URL%%\n"


def _people(count: int) -> Any:  # noqa: ANN401
    """So many subscribers, and the list they are on."""
    from django.utils import timezone

    from members.models import User
    from outbox.actions import ensure_mailing_lists, find_mailing_list
    from outbox.models import Subscription

    ensure_mailing_lists(scope="bench", sender_name="Every Door")
    mailing_list = find_mailing_list("bench", "newsletter")
    people = User.objects.bulk_create(
        (
            User(
                email=f"person{number}@host{number % 200}.example",
                display_name=f"Person {number}",
                timezone="Pacific/Auckland",
            )
            for number in range(count)
        ),
        batch_size=2000,
    )
    now = timezone.now()
    Subscription.objects.bulk_create(
        (
            Subscription(mailing_list=mailing_list, person=one, state="subscribed", changed_at=now)
            for one in people
        ),
        batch_size=2000,
    )
    return mailing_list


def _message(number: int) -> Any:  # noqa: ANN401
    from django.core.mail import EmailMultiAlternatives

    message = EmailMultiAlternatives(
        "What we did in autumn",
        _text(),
        "bench@cop.example",
        [f"person{number}@host{number % 200}.example"],
        headers={"List-Unsubscribe": f"<http://localhost/{number}>"},
    )
    message.attach_alternative(_html(), "text/html")
    return message


def _raw(port: int) -> None:
    body = _message(1).message().as_bytes(linesep="\r\n")
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for number in range(MAILS):
            smtp.sendmail("bench@cop.example", [f"person{number}@host.example"], body)


def _django(port: int) -> None:
    from django.core.mail.backends.smtp import EmailBackend

    backend = EmailBackend(host="127.0.0.1", port=port)
    backend.send_messages([_message(number) for number in range(MAILS)])
    backend.close()


def _queue(mailing_list: Any) -> Any:  # noqa: ANN401
    from django.utils import timezone

    from outbox.actions import queue_batch
    from outbox.models import MailBatch, Subscription

    content = {"subject": "What we did in autumn", "text": _text(), "html": _html()}
    return queue_batch(
        key=f"bench:{MailBatch.objects.count()}",
        kind="bench",
        mailing_list=mailing_list,
        contents={"en": content},
        recipients=Subscription.objects.filter(mailing_list=mailing_list),
        now=timezone.now(),
    )


def _ours(mailing_list: Any) -> None:  # noqa: ANN401
    from outbox.actions import send_due
    from outbox.models import Delivery

    # Rounds follow each other in seconds; in life two months lie between them (EM1), and nobody
    # has quiet hours at noon.
    Delivery.objects.filter(state="sent").update(budgeted=False)
    _queue(mailing_list)
    sent = send_due(seconds=600, clock=_noon())
    assert sent == MAILS, sent


def _noon() -> Callable[[], Any]:
    """A running clock that stands at noon in Auckland, where all these people live."""
    from datetime import date, timedelta
    from datetime import time as wall

    from cop.core.time import to_instant

    base = to_instant(date.today() + timedelta(days=2), wall(12), "Pacific/Auckland")
    started = time.monotonic()
    return lambda: base + timedelta(seconds=time.monotonic() - started)


def _queueing() -> None:
    mailing_list = _crowd()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = _seconds(lambda: _queue(mailing_list))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    peak = before / 1024 + grown
    print(
        f"\nqueue for 100,000: {seconds:.1f} s, {peak:.0f} MB at most, {grown:.0f} MB of them new"
    )


def _crowd() -> Any:  # noqa: ANN401
    """A hundred thousand bare addresses on a list, made by PostgreSQL itself."""
    from django.db import connection

    from outbox.actions import ensure_mailing_lists, find_mailing_list

    ensure_mailing_lists(scope="crowd", sender_name="Every Door")
    mailing_list = find_mailing_list("crowd", "newsletter")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outbox_subscription (mailing_list_id, address, state, changed_at, "
            "in_digest) SELECT %s, 'a' || n || '@host' || n %% 500 || '.example', 'subscribed', "
            "now(), false FROM generate_series(1, 100000) n",
            [mailing_list.pk],
        )
        cursor.execute("ANALYZE")
    return mailing_list


def _claiming() -> None:
    """One claim of twenty with a hundred thousand waiting, then beside a million that are over."""
    from django.db import connection

    few = _claim_ms()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outbox_delivery (id, key, purpose, kind, priority, scope, address, host, "
            "budgeted, digest_title, digest_path, language, subject, text, html, calendar, "
            "calendar_method, reply_to, sender_name, due_at, state, reason, attempts, last_answer, "
            "created_at, ended_at) SELECT gen_random_uuid(), 'old:' || n, 'transactional', 'old', "
            "10, 'old', '', '', false, '', '', 'en', '', '', '', '', '', '', '', now(), 'sent', "
            "'', 1, '250 OK', now(), now() FROM generate_series(1, 1000000) n"
        )
        cursor.execute("VACUUM ANALYZE outbox_delivery")
    many = _claim_ms()
    print(
        f"claim of 20: {few:.2f} ms; beside 1,000,000 finished rows {many:.2f} ms "
        f"({many / few:.2f} x)"
    )


def _claim_ms() -> float:
    from django.utils import timezone

    from outbox.actions.claim import claim, ownership

    with ownership() as owner:
        now = timezone.now()
        return median(_seconds(lambda: claim(owner, now=now)) for _ in range(100)) * 1000

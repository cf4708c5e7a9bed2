"""What a test asks of the site. Each runs in a fresh process that the nursery forks."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management import call_command
from django.db import connection

from cop.core.mail import Email
from cop.health import health_report
from outbox.actions import Outgoing, find_mailing_list, queue_batch, queue_emails
from outbox.actions.lists import unsubscribe_subscription
from outbox.models import Consent, MailBatch, Purpose, Subscription

HOSTS = 12
WORDS = "<p>On the second Thursday we met about nights without staff.</p>\n"
CONTENT = {
    "subject": "What we did in autumn",
    "text": "Choices: %%CHOICES_URL%%\nStop: %%UNSUBSCRIBE_URL%%\n",
    "html": WORDS * 40 + '<a href="%%CHOICES_URL%%">c</a> <a href="%%UNSUBSCRIBE_URL%%">s</a>',
}


def _now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def zone_of_noon() -> str:
    """A zone in which it is about noon: nobody there has quiet hours."""
    ahead = 12 - datetime.now(UTC).hour
    # POSIX signs: Etc/GMT-3 is three hours ahead.
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def migrate_and_fill(people: int) -> None:
    """A site with one community, whose newsletter all these people have asked for."""
    from members.models import Community, Membership, User
    from tests.factories import make_community

    call_command("migrate", verbosity=0)
    community = make_community("every-door", name="Every Door")
    now = _now()
    rows = [
        User(
            email=f"person{n:05d}@host{n % HOSTS}.example",
            display_name=f"Person {n}",
            timezone=zone_of_noon(),
            password="!",
        )
        for n in range(people)
    ]
    made = User.objects.bulk_create(rows, batch_size=2000)
    Membership.objects.bulk_create(
        [
            Membership(
                community=Community(pk=community.pk),
                person=one,
                category="member",
                state="active",
                joined_on=now.date(),
            )
            for one in made
        ],
        batch_size=2000,
    )
    newsletter = find_mailing_list(community.public_id, "newsletter")
    _subscribe(made, newsletter, now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _subscribe(people: list[Any], newsletter: Any, now: datetime) -> None:
    from outbox.addresses import address_hash

    rows = Subscription.objects.bulk_create(
        [
            Subscription(mailing_list=newsletter, person=one, state="subscribed", changed_at=now)
            for one in people
        ],
        batch_size=2000,
    )
    Consent.objects.bulk_create(
        [
            Consent(
                subscription=row,
                mailing_list=newsletter,
                address_hash=address_hash(row.person.email),
                given=True,
                wording="test",
                source="test",
                at=now,
            )
            for row in rows
        ],
        batch_size=2000,
    )


def queue_newsletter(key: str = "issue:1", limit: int = 10**9) -> int:
    """One issue to all who asked for it, or to the first `limit` of them."""
    newsletter = find_mailing_list(_scope(), "newsletter")
    asked = Subscription.objects.filter(mailing_list=newsletter).order_by("pk")
    last = list(asked.values_list("pk", flat=True)[:limit])[-1]
    batch = queue_batch(
        key=key,
        kind="newsletter",
        mailing_list=newsletter,
        contents={"en": CONTENT},
        recipients=asked.filter(pk__lte=last, state="subscribed"),
        now=_now(),
    )
    return batch.recipients


def queue_letters(
    prefix: str, addresses: list[str], due_in: float | None = None, purpose: str = "transactional"
) -> int:
    """One answer each, to bare addresses. `due_in`: seconds from the time of the database."""
    due_at = None if due_in is None else _now() + timedelta(seconds=due_in)
    email = Email(subject="Your seat", text="You have a seat.", html="<p>You have a seat.</p>")
    return queue_emails(
        Outgoing(
            key=f"{prefix}:{number}",
            kind="test",
            purpose=Purpose(purpose),
            email=email,
            address=address,
            scope=_scope(),
            due_at=due_at,
        )
        for number, address in enumerate(addresses)
    )


def empty_the_text(key: str) -> None:
    """A batch that nobody can build a mail from."""
    MailBatch.objects.filter(key=key).update(contents={})


def unsubscribe(people: list[int]) -> str:
    """They unsubscribe, one after the other. Returns when the last was done, in seconds."""
    for row in Subscription.objects.filter(
        person__in=people, mailing_list__kind="newsletter"
    ).order_by("pk"):
        unsubscribe_subscription(subscription=row, source="test", now=_now())
    return f"{_now().timestamp():.4f}"


def health(after: float = 0.0) -> dict[str, Any]:
    """What the health page says, `after` seconds from now if nothing changes until then."""
    return health_report(now=_now() + timedelta(seconds=after))


def adopt() -> None:
    call_command("adopt_database", by="test")


def _scope() -> str:
    from members.models import Community

    return Community.objects.get(slug="every-door").public_id


JOBS = {
    one.__name__: one
    for one in (
        migrate_and_fill,
        queue_newsletter,
        queue_letters,
        empty_the_text,
        unsubscribe,
        health,
        adopt,
    )
}

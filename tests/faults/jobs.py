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


def prepare_issue(people: int = 600) -> str:
    """An approved issue for so many: a third each are members, allies and neither, and every
    second one reads French. Returns its public id."""
    from members.models import Community, Membership, User
    from newsletter.models import IssueItem, NewsletterIssue

    rows = Subscription.objects.filter(mailing_list=find_mailing_list(_scope(), "newsletter"))
    kept = list(rows.order_by("pk").values_list("pk", "person")[:people])
    rows.exclude(pk__in=[pk for pk, _person in kept]).update(state="unsubscribed")
    persons = [person for _pk, person in kept]
    User.objects.filter(pk__in=persons[::2]).update(language="fr")
    memberships = Membership.objects.filter(community__public_id=_scope())
    memberships.filter(person__in=persons[1::3]).update(category="ally")
    memberships.filter(person__in=persons[2::3]).update(state="lapsed", ended_on=_now().date())
    Community.objects.update(postal_address="1 Cedar Way, Nelson BC")
    today = _now().date()
    issue = NewsletterIssue.objects.create(
        community=Community.objects.get(slug="every-door"),
        number=1,
        period_from=today,
        period_to=today,
        send_on=today,
        subject="What we did in autumn",
        state="approved",
        approved_by=User.objects.order_by("pk").last(),
    )
    for edition in IssueItem.Edition.values:
        IssueItem.objects.create(issue=issue, title=f"For {edition}", edition=edition)
    return issue.public_id


def send_prepared_issue() -> int:
    """The button, pressed five minutes ago: the first mails are due now."""
    from members.models import User
    from newsletter.actions import send_issue
    from newsletter.models import NewsletterIssue

    admin = User.objects.order_by("pk").last()
    User.objects.filter(pk=admin.pk).update(is_superuser=True)
    admin.refresh_from_db()
    return send_issue(
        issue=NewsletterIssue.objects.get(), by=admin, now=_now() - timedelta(minutes=5)
    )


def schedule_prepared_issue() -> None:
    """Its hour is now."""
    from newsletter.models import NewsletterIssue

    NewsletterIssue.objects.update(state="scheduled", scheduled_at=_now())


def tick_newsletter(minutes: float = 0) -> int:
    """What the clock does each minute, so many minutes from now."""
    from newsletter.actions import send_scheduled

    return send_scheduled(now=_now() + timedelta(minutes=minutes))


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
        prepare_issue,
        send_prepared_issue,
        schedule_prepared_issue,
        tick_newsletter,
        queue_letters,
        empty_the_text,
        unsubscribe,
        health,
        adopt,
    )
}

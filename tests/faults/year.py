"""A year of the demo community in minutes: people, mails and mishaps by seeded dice.

The clock is ours; everything else is the product: its actions, its tables, its sender, a mail
server on loopback. Whoever queues is careless on purpose and writes to everybody who ever made a
choice: what the promises rest on is the sender alone.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count, cycle

from django.db import transaction

from cop.core.errors import ActionError
from cop.core.mail import Email
from cop.core.time import to_instant
from cop.demo.load import load_demo
from cop.leaving import leave
from library.actions import submit_resource
from meetings.actions import (
    answer_rsvp,
    cancel_meeting,
    draft_meeting,
    make_series_drafts,
    mark_held,
    queue_reminders,
    schedule_meeting,
    update_meeting,
)
from meetings.actions.invitations import keep_invitations
from meetings.models import Meeting, MeetingSeries
from members.actions.memberships import make_membership
from members.models import Community, Membership, User
from newsletter.actions import (
    approve_issue,
    close_issues,
    make_due_drafts,
    queue_weekly_digests,
    send_issue,
    settle_issues,
)
from newsletter.models import NewsletterIssue
from outbox.actions import (
    Outgoing,
    change_choices,
    confirm_address_works,
    confirm_subscription,
    find_mailing_list,
    import_addresses,
    purge_old_mail,
    purge_pending,
    queue_emails,
    reconcile_mail,
    resubscribe,
    send_due,
    unsubscribe_subscription,
    update_subscriptions,
)
from outbox.actions.events import note_event
from outbox.models import Delivery, MailBatch, Purpose, Subscription
from outbox.readers import Reader
from tests.factories import give_agenda

TODAY = date(2026, 11, 22)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ZONE = "America/Vancouver"
HELLO = Email(subject="Come and see", text="Come and see\n", html="<p>Come and see</p>")
# What the simulated year writes beside what the product does by itself, and to which list.
BROADCASTS = {
    "survey_invite": "invitations",
    "nudge": "invitations",
    "ballot_open": "ballots",
    "ballot_last_day": "ballots",
}
KINDS = ("newsletter", "weekly_digest", "invitations", "ballots")


@dataclass
class Clock:
    """The time of the year. Each look is a thousandth later, as in life."""

    now: datetime

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


@dataclass(frozen=True)
class Pause:
    """What somebody asked for: not a mail of this community's lists in between."""

    email: str
    scope: str
    begins: datetime
    ends: datetime


@dataclass
class Year:
    clock: Clock
    dice: random.Random
    coming: list[Meeting] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    outages: list[tuple[datetime, datetime]] = field(default_factory=list)
    alarms: set[str] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=count)
    meetings: Iterator[int] = field(default_factory=count)

    def begin(self) -> None:
        load_demo(today=TODAY)
        self.community = Community.objects.get(slug="every-door")
        self.other = Community.objects.exclude(pk=self.community.pk).order_by("pk")[0]
        self.priya = User.objects.get(email__startswith="priya@")
        self.tomasz = User.objects.get(email__startswith="tomasz@")
        self.members = list(
            User.objects.filter(memberships__community=self.community).order_by("pk")
        )
        for person in self.dice.sample(self.members, 50):
            wanted = {kind for kind in KINDS[1:] if self.dice.random() < 0.7}
            self._choose(person, self.community, wanted | {"newsletter"})
        for person in self.dice.sample(self.members, 12):
            self._join(person, self.other)
        self._import("old friends", [TODAY + n * 30 * DAY for n in range(12)], each=4)
        series = MeetingSeries.objects.get(stream__community=self.community)
        make_series_drafts(series=series, after=TODAY, by=self.priya, months=14)

    # The post office and the beat, as often as something may happen.

    def live(self, days: int) -> None:
        first = self.clock.now.date()
        for number in range(days):
            today = first + number * DAY
            self._plan(today)
            for moment, event in sorted(self._events(today), key=lambda pair: pair[0]):
                self.clock.now = max(self.clock.now, moment)
                event()
                self.send()
            self._nightly()

    def tick(self) -> None:
        now = self.clock()
        if any(one.starts_at < now + 40 * HOUR for one in self.coming):
            queue_reminders(now=now)
        queue_weekly_digests(now=now)

    def send(self) -> None:
        now = self.clock()
        is_down = any(begins <= now < ends for begins, ends in self.outages)
        if not is_down and Delivery.objects.due(now).exists():
            send_due(clock=self.clock)

    def settle(self) -> None:
        """Nobody is away any more: what can leave has left by the evening."""
        self.outages.clear()
        morning = to_instant(self.clock.now.date() + DAY, time(11), ZONE)
        for hours in range(6):
            self.clock.now = morning + hours * HOUR
            self.send()

    def _nightly(self) -> None:
        now = self.clock()
        settle_issues(now=now)
        close_issues(now=now)
        make_due_drafts(now=now)
        # Whoever looks after the mail goes on with what stopped for too many failures.
        stopped = MailBatch.objects.filter(state=MailBatch.State.PAUSED)
        stopped.update(state=MailBatch.State.SENDING, resumed_at=now)
        purge_pending(now=now)
        purge_old_mail(now=now)
        self.alarms |= {name for name in reconcile_mail(now=now) if name.startswith("count:")}

    # What a day brings: moments and what happens then.

    def _events(self, today: date) -> Iterator[tuple[datetime, Callable[[], None]]]:
        midnight = to_instant(today, time(), ZONE)
        for hour in (0, 3, 6, 7, 9, 12, 15, 18, 21):
            yield midnight + hour * HOUR, self.tick
        for meeting in self._meetings_on(today):
            for minutes in range(-60, 61, 10):
                yield meeting.starts_at + minutes * MINUTE, self.tick
            # Every other time its own mails wait behind a sender that comes back too late.
            if next(self.meetings) % 2:
                down = meeting.starts_at - 35 * MINUTE
                self.outages.append((down, meeting.starts_at + HOUR))
            yield meeting.ends_at + HOUR, lambda one=meeting: self._hold(one)
        daily: list[tuple[float, Callable[[], None]]] = [
            (0.4, self.somebody_unsubscribes),
            (0.2, self.somebody_comes_back),
            (0.4, self.somebody_ticks_boxes),
            (0.3, self.somebody_makes_a_pause),
            (0.1, self.somebody_ends_a_pause),
            (0.15, self.somebody_takes_fewer),
            (0.05, self.somebody_takes_each),
            (0.08, self.somebody_leaves),
            (0.08, self.somebody_joins_again),
            (0.4, self.mail_comes_back),
            (0.05, self.somebody_complains),
            (0.15, self.an_address_works_again),
            (0.2, self.a_stranger_signs_up),
            (0.3, self.something_is_published),
            (0.25, self.broadcast),
        ]
        for chance, event in daily:
            if self.dice.random() < chance:
                yield midnight + self.dice.uniform(0, 24) * HOUR, event
        for meeting in self.coming:
            for _ in range(self.dice.randint(0, 1)):
                yield midnight + self.dice.uniform(7, 22) * HOUR, lambda m=meeting: self._answer(m)
        for issue in self._issues_of(today):
            yield to_instant(today, time(15, 40), ZONE), lambda one=issue: self._send(one)

    def _plan(self, today: date) -> None:
        """What staff do in the morning, and now and then a sender that is away for some hours."""
        now = self.clock()
        drafts = self.community.meetings.filter(state="draft", local_date__lte=today + 40 * DAY)
        for meeting in drafts.filter(local_date__gt=today + 3 * DAY):
            self._announce(meeting, now)
        for meeting in self._coming():
            with suppress(ActionError):
                if self.dice.random() < 0.01:
                    later = (
                        datetime.combine(meeting.local_date, meeting.local_time)
                        + self.dice.choice([1, 2, 26]) * HOUR
                    )
                    changes = {"local_date": later.date(), "local_time": later.time()}
                    update_meeting(meeting=meeting, changes=changes, by=self.priya, now=now)
                elif self.dice.random() < 0.003:
                    cancel_meeting(meeting=meeting, reason="snow", by=self.priya, now=now)
        self.coming = self._coming()
        is_near = any(one.local_date <= today + 3 * DAY for one in self.coming)
        if not is_near and self.dice.random() < 0.1:
            begins = now + self.dice.uniform(0, 20) * HOUR
            self.outages.append((begins, begins + self.dice.uniform(1, 30) * HOUR))

    def _announce(self, meeting: Meeting, now: datetime) -> None:
        changes = {"join_url": "https://video.example/every-door", "facilitator": self.priya}
        update_meeting(meeting=meeting, changes=changes, by=self.priya, now=now)
        if not meeting.agenda.exists():
            give_agenda(meeting)
        schedule_meeting(meeting=meeting, by=self.priya, now=now)
        keep_invitations(now=now)

    def _coming(self) -> list[Meeting]:
        rows = Meeting.objects.filter(community=self.community).select_related("community")
        return list(rows.upcoming(self.clock.now).order_by("starts_at", "pk"))

    def _meetings_on(self, today: date) -> list[Meeting]:
        return [one for one in self.coming if one.local_date == today]

    def _hold(self, meeting: Meeting) -> None:
        with suppress(ActionError):
            mark_held(meeting=meeting, by=self.priya, now=self.clock())

    def _answer(self, meeting: Meeting) -> None:
        person, going = self.dice.choice(self.members), self.dice.random() < 0.8
        answer = "going" if going else self.dice.choice(["not_going", "send_materials"])
        meeting.refresh_from_db()
        with suppress(ActionError):
            answer_rsvp(meeting=meeting, person=person, answer=answer, now=self.clock())

    # The newsletter: drafted by the product, approved and sent on its day.

    def _issues_of(self, today: date) -> list[NewsletterIssue]:
        ready = self.community.issues.filter(state="draft", send_on__lte=today)
        return list(ready.order_by("number"))

    def _send(self, issue: NewsletterIssue) -> None:
        """With some consents that end, and a sender that is away, before the mail can leave."""
        now = self.clock()
        self._import(f"for issue {issue.number}", [now.date() + DAY], each=5)
        self.outages.append((now, to_instant(issue.send_on, time(17, 30), ZONE)))
        approve_issue(issue=issue, by=self.priya, now=self.clock())
        send_issue(issue=issue, by=self.priya, now=self.clock(), confirmed=True)

    # Mail to many, queued without a look at who may be written to.

    def broadcast(self) -> None:
        kind = self.dice.choice(list(BROADCASTS))
        lasts = self.dice.choice([2, 10, 40]) * DAY
        for community in (self.community, self.other):
            key = f"{kind}:{next(self.numbers)}"
            self._write(
                kind, BROADCASTS[kind], key, key,
                expires_at=self.clock.now + lasts, community=community,
            )  # fmt: skip

    def _write(
        self,
        kind: str,
        list_kind: str,
        key: str,
        title: str,
        *,
        expires_at: datetime,
        community: Community | None = None,
    ) -> None:
        now, community = self.clock(), community or self.community
        mailing_list = find_mailing_list(community.public_id, list_kind)
        rows = mailing_list.subscriptions.filter(person__isnull=False).select_related("person")
        people = {row.person for row in rows} | set(self.dice.sample(self.members, 5))
        mails = [
            Outgoing(
                key=f"{key}:{person.pk}",
                kind=kind,
                purpose=Purpose.NEWSLETTER,
                email=HELLO,
                person=person,
                scope=community.public_id,
                mailing_list=mailing_list,
                due_at=now + self.dice.uniform(0, 12) * HOUR,
                expires_at=expires_at,
                budgeted=True,
                digest_title=title,
                digest_path=community.get_absolute_url(),
            )
            for person in sorted(people, key=lambda person: person.pk)
        ]
        queue_emails(mails, now=now)

    # People change their minds.

    def _choose(self, person: User, community: Community, kinds: set[str]) -> None:
        update_subscriptions(
            person=person,
            scope=community.public_id,
            kinds=kinds,
            source="year",
            now=self.clock(),
        )

    def _one(self, **wanted: object) -> Subscription | None:
        rows = Subscription.objects.filter(**wanted).select_related("person", "mailing_list")
        pks = list(rows.order_by("pk").values_list("pk", flat=True))
        return rows.get(pk=self.dice.choice(pks)) if pks else None

    def somebody_unsubscribes(self) -> None:
        if row := self._one(state="subscribed"):
            unsubscribe_subscription(subscription=row, source="link", now=self.clock())

    def somebody_comes_back(self) -> None:
        if row := self._one(state="unsubscribed"):
            resubscribe(subscription=row, source="link", now=self.clock())

    def somebody_ticks_boxes(self) -> None:
        kinds = {kind for kind in KINDS if self.dice.random() < 0.7}
        current = self.community.memberships.filter(state__in=Membership.CURRENT_STATES)
        people = list(User.objects.filter(pk__in=current.values("person")).order_by("pk"))
        self._choose(self.dice.choice(people), self.community, kinds)

    def _change(self, row: Subscription, do: str, weeks: int = 4) -> None:
        change_choices(
            reader=Reader.of(row),
            scope=row.mailing_list.scope,
            do=do,
            weeks=weeks,
            source="year",
            now=self.clock(),
        )

    def somebody_makes_a_pause(self) -> None:
        if row := self._one(state="subscribed"):
            self._end_pause_of(row)
            weeks = self.dice.choice([2, 4, 8])
            self._change(row, "pause", weeks)
            begins, ends = self.clock(), row.__class__.objects.get(pk=row.pk).paused_until
            email = Reader.of(row).email
            self.pauses.append(Pause(email, row.mailing_list.scope, begins, ends))

    def somebody_ends_a_pause(self) -> None:
        if row := self._one(paused_until__gt=self.clock.now):
            self._end_pause_of(row)
            self._change(row, "resume")

    def _end_pause_of(self, row: Subscription) -> None:
        now, email, scope = self.clock(), Reader.of(row).email, row.mailing_list.scope
        self.pauses = [
            Pause(one.email, one.scope, one.begins, min(one.ends, now))
            if (one.email, one.scope) == (email, scope)
            else one
            for one in self.pauses
        ]

    def somebody_takes_fewer(self) -> None:
        if row := self._one(state="subscribed", in_digest=False, person__isnull=False):
            self._change(row, "fewer")

    def somebody_takes_each(self) -> None:
        if row := self._one(in_digest=True):
            self._change(row, "each")

    def somebody_leaves(self) -> None:
        rows = Membership.objects.filter(
            community=self.community, state__in=Membership.CURRENT_STATES
        )
        rows = rows.select_related("community", "person").order_by("pk")
        leave(membership=self.dice.choice(list(rows)), now=self.clock())

    def somebody_joins_again(self) -> None:
        left = Membership.objects.filter(community=self.community, state="left")
        again = list(User.objects.filter(pk__in=left.values("person")).order_by("pk"))
        if again:
            self._join(self.dice.choice(again), self.community)

    @transaction.atomic
    def _join(self, person: User, community: Community) -> None:
        now = self.clock()
        category = "ally" if User.objects.get(pk=person.pk).is_walled() else "member"
        make_membership(community=community, person=person, category=category, by=None, now=now)
        self._choose(person, community, set(KINDS))

    # Strangers, old acquaintances, and what comes back.

    def _import(self, proof: str, ends: list[date], *, each: int) -> None:
        """Addresses with an implied consent that ends on these days (two years after)."""
        for day in ends:
            import_addresses(
                mailing_list=find_mailing_list(self.community.public_id, "newsletter"),
                lines=[f"friend{next(self.numbers)}@friends.example" for _ in range(each)],
                proof=proof,
                ended_on=day - 730 * DAY,
                by=self.priya,
                now=self.clock(),
            )

    def a_stranger_signs_up(self) -> None:
        tag = self.dice.choice(["", "", "", "+550", "+451"])
        reader = Reader(address=f"stranger{next(self.numbers)}{tag}@strangers.example")
        mailing_list = find_mailing_list(self.community.public_id, "newsletter")
        confirm_subscription(reader=reader, mailing_list=mailing_list, now=self.clock())

    def _hear(self, kind: str) -> None:
        sent = Delivery.objects.filter(state="sent", ended_at__gt=self.clock.now - 5 * DAY)
        pks = list(
            sent.exclude(person=None, address="").order_by("pk").values_list("pk", flat=True)
        )
        if pks:
            delivery = Delivery.objects.select_related("person").get(pk=self.dice.choice(pks))
            note_event(
                provider="year", event_id=str(next(self.numbers)), kind=kind, delivery=delivery,
                address="", detail="", at=self.clock(), now=self.clock(),
            )  # fmt: skip

    def mail_comes_back(self) -> None:
        self._hear(self.dice.choice(["soft_bounce", "hard_bounce"]))

    def somebody_complains(self) -> None:
        self._hear("complaint")

    def an_address_works_again(self) -> None:
        if row := self._one(state="suspended_bounce", person__isnull=False):
            confirm_address_works(person=row.person, now=self.clock())

    def something_is_published(self) -> None:
        title = f"Card {next(self.numbers)}"
        submit_resource(
            community=self.community, person=self.tomasz, now=self.clock(), publish=True,
            kind="tool", title=title, summary=title, body=title, url="",
            visibility=self.dice.choice(["public", "members", "members_and_allies"]),
        )  # fmt: skip

    # For the controls: much that must not happen, in a few days.

    def tempt(self) -> None:
        """Mail in the night, to people who pause, who said no, and who have had enough; and a
        meeting whose mails wait behind a sender that is away until it has begun."""
        tonight = to_instant(self.clock.now.date(), time(21, 30), ZONE)
        self.clock.now = max(self.clock.now, tonight)
        for _ in range(4):
            self.broadcast()
        day = self.clock.now.date() + 3 * DAY
        meeting = Meeting(
            community=self.community, title="A talk", local_date=day, local_time=time(10),
            timezone=ZONE, duration=60, audience="public",
        )  # fmt: skip
        draft_meeting(meeting=meeting, by=self.priya)
        self._announce(meeting, self.clock())
        meeting.refresh_from_db()
        for person in self.members[:10]:
            answer_rsvp(meeting=meeting, person=person, answer="going", now=self.clock())
        self.outages = [(meeting.starts_at - 35 * MINUTE, meeting.starts_at + HOUR)]


def zones_differ() -> None:
    """Give the crowd, who all live at one place in the demo, several clocks."""
    zones = cycle((ZONE, "America/Edmonton", "America/Toronto", "America/St_Johns"))
    people = list(User.objects.order_by("pk"))
    for person, zone in zip(people, zones, strict=False):
        person.timezone = zone
    User.objects.bulk_update(people, ["timezone"])

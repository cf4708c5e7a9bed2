"""One mail about all changes of a quarter of an hour, with before and now (MT4, MT5)."""

from datetime import datetime, timedelta

from meetings import emails
from meetings.emails.parts import News, part_news
from meetings.models import Meeting, Rsvp
from meetings.models.rsvps import RsvpQuerySet
from meetings.queries.parts import holds_parts_unanswered
from meetings.queries.told import (
    facts_told,
    is_real_move,
    is_same_plan,
    told_before,
    told_since,
)
from members.models import User
from outbox.actions import Outgoing, cancel_deliveries, queue_emails
from outbox.models import Delivery
from outbox.models.mail import DeliveryQuerySet

NEVER_READ = (Delivery.State.QUEUED, Delivery.State.PAUSED, Delivery.State.CANCELLED,
              Delivery.State.SKIPPED, Delivery.State.FAILED)  # fmt: skip
# Several changes in a row become one mail, where there is time for it (MT4).
MERGE_WITHIN, MERGE_UNTIL = timedelta(minutes=15), timedelta(hours=3)


def tell_change(row: Meeting, *, old: Meeting, by: User, now: datetime) -> None:
    """One mail each to all who come or wait. `row` is locked; `old`: as it was a moment ago.

    What has come back to where it was is told to nobody who had not yet read otherwise.
    """
    before, since = _open_window(row, old, now)
    _ask_again(row, old, before, since)
    for kind in ("reminder", "changed", "part_news", "invitation", "nudge"):
        cancel_deliveries(prefix=f"{kind}:{row.public_id}:", reason="meeting changed", now=now)
    misled = _told_otherwise(row)
    is_undone = is_same_plan(before, row)
    people = row.rsvps.involved().still_admitted().select_related("person__meeting_choices")
    # Who answered since, or was told of a step between, must hear how it stands now.
    told = [
        rsvp
        for rsvp in people.order_by("pk")
        if not is_undone or rsvp.answered_at > since or rsvp.person_id in misled
    ]
    queue_emails([_mail(rsvp, row) for rsvp in told], now=now)
    tell_parts(
        row, News.MOVED, by=by, due_at=row.change_due_at, now=now,
        only=_told_otherwise(row, "part_news") if is_undone else None,
    )  # fmt: skip


def tell_parts(
    row: Meeting,
    news: News,
    *,
    by: User,
    due_at: datetime,
    now: datetime,
    only: set[int] | None = None,
) -> None:
    """To who was asked for a part and to the facilitator, where no other mail reaches them.

    `only`: of these people alone. Whoever did it needs no mail.
    """
    mails = []
    for person, role in holds_parts_unanswered(row).items():
        if person == by or (only is not None and person.pk not in only):
            continue
        key = f"part_news:{row.public_id}:{person.pk}:{row.sequence}"
        letter = part_news(row, person, news, role)
        mails.append(letter.outgoing(key, due_at=due_at, expires_at=row.ends_at))
    queue_emails(mails, now=now)


def _mail(rsvp: Rsvp, row: Meeting) -> Outgoing:
    key = f"changed:{row.public_id}:{rsvp.person_id}:{row.sequence}"
    letter = emails.changed(rsvp, row)
    return letter.outgoing(key, due_at=row.change_due_at, expires_at=row.starts_at)


def drop_untold(row: Meeting, person: User, *, now: datetime) -> None:
    """Who answers on the changed page needs no mail about the change any more."""
    if row.change_due_at is not None and now < row.change_due_at:
        prefix = f"changed:{row.public_id}:{person.pk}:"
        cancel_deliveries(prefix=prefix, reason="answered since", now=now)


def _mails(row: Meeting, kind: str = "changed") -> DeliveryQuerySet:
    return Delivery.objects.filter(key__startswith=f"{kind}:{row.public_id}:", kind=kind)


def _told_otherwise(row: Meeting, kind: str = "changed") -> set[int]:
    """Who got a mail about a step between what is compared and what stands now."""
    first = row.change_before["sequence"]
    gone = _mails(row, kind).exclude(state__in=NEVER_READ).values_list("person_id", "key")
    return {person for person, key in gone if int(key.rpartition(":")[2]) > first}


def _open_window(row: Meeting, old: Meeting, now: datetime) -> tuple[Meeting, datetime]:
    """What the mail compares with, and since when. The first change says when it leaves."""
    is_open = row.change_due_at is not None and now < row.change_due_at
    # A mail that could not leave in time keeps what it compares with.
    if not (row.change_before and (is_open or _mails(row).waiting().exists())):
        row.change_before = facts_told(old, now=now)
        row.change_due_at = now + MERGE_WITHIN
    if row.starts_at - now <= MERGE_UNTIL:
        row.change_due_at = now
    row.change_due_at = max(row.change_due_at or now, now)
    return told_before(row) or old, told_since(row) or now


def _ask_again(row: Meeting, old: Meeting, before: Meeting, since: datetime) -> None:
    """Whoever said yes to another time is asked again, and keeps the seat (MT5).

    Where the time comes back within the same mail, their yes holds as if nothing had been.
    """
    told = row.change_before
    if not is_real_move(before, row):
        doubtful = row.rsvps.filter(pk__in=told["asked"], state=Rsvp.State.NEEDS_CONFIRMATION)
        # Who lost the seat meanwhile has to ask for it.
        _change_answers(doubtful.filter(holds_seat=True), Rsvp.State.GOING)
        told["asked"] = []
    else:
        said_yes = row.rsvps.filter(state=Rsvp.State.GOING)
        if not is_real_move(old, row):
            # Little by little: those who read the earlier step have said yes to it.
            said_yes = said_yes.filter(answered_at__lte=since).exclude(pk__in=told["asked"])
        told["asked"] += _change_answers(said_yes, Rsvp.State.NEEDS_CONFIRMATION)
    Meeting.objects.filter(pk=row.pk).update(change_before=told, change_due_at=row.change_due_at)


def _change_answers(rsvps: RsvpQuerySet, state: str) -> list[int]:
    changed = []
    for rsvp in rsvps.order_by("pk"):
        rsvp.state, rsvp.version = state, rsvp.version + 1
        rsvp.save(update_fields=["state", "version"])
        changed.append(rsvp.pk)
    return changed

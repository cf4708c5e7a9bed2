"""Newsletters and weekly digests of the days to come: when, and to how many."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count

from cop.core.time import to_instant
from members.models import Community
from newsletter.calendar import TUESDAY
from newsletter.models import NewsletterIssue
from outbox.models import MailingList, Subscription
from outbox.planned import Planned

State, Kind = NewsletterIssue.State, MailingList.Kind
PLANNED = NewsletterIssue.EDITABLE
DIGEST_LEAVES = time(9)
# An issue whose day went by is still told of, for so long.
OVERDUE = timedelta(days=30)


def digest_prefix(scope: str) -> str:
    """How the keys of all weekly digests of one community begin."""
    return f"weekly_digest:{scope}:"


def planned_newsletters(
    communities: Collection[Community], *, now: datetime, until: datetime
) -> list[Planned]:
    """Issues whose day comes, and the digest of the next Tuesday. Two queries."""
    writing = {one.pk: one for one in communities if one.is_writing}
    readers = _readers([one.public_id for one in writing.values()], now)
    lines = [_issue(issue, writing, readers, now) for issue in _issues(writing, now, until)]
    lines += [_digest(one, readers, now) for one in writing.values()]
    return [line for line in lines if line is not None and line.on <= until]


def _issues(
    writing: Collection[int], now: datetime, until: datetime
) -> Collection[NewsletterIssue]:
    rows = NewsletterIssue.objects.filter(
        community__in=writing,
        state__in=PLANNED,
        send_on__gte=(now - OVERDUE).date(),
        send_on__lte=until.date(),
    )
    return rows.order_by("send_on", "pk")


def _readers(scopes: Collection[str], now: datetime) -> dict[tuple[str, str], int]:
    """(community, kind of list) -> how many may be written to at this moment."""
    rows = Subscription.objects.in_force(now).filter(
        mailing_list__scope__in=scopes, mailing_list__kind__in=[Kind.NEWSLETTER, Kind.WEEKLY_DIGEST]
    )
    counted = rows.exclude(person__is_active=False).order_by()
    found: dict[tuple[str, str], int] = defaultdict(int)
    for scope, kind, n in counted.values_list("mailing_list__scope", "mailing_list__kind").annotate(
        n=Count("pk")
    ):
        found[scope, kind] = n
    return found


def _issue(
    issue: NewsletterIssue,
    writing: dict[int, Community],
    readers: dict[tuple[str, str], int],
    now: datetime,
) -> Planned:
    community = writing[issue.community_id]
    issue.community = community
    noon = issue.scheduled_at or to_instant(issue.send_on, time(12), community.timezone)
    return Planned(
        scope=community.public_id,
        prefix=f"newsletter:{issue.public_id}:",
        kind="newsletter",
        on=max(noon, now),
        count=readers[community.public_id, Kind.NEWSLETTER],
        about=issue,
    )


def _digest(
    community: Community, readers: dict[tuple[str, str], int], now: datetime
) -> Planned | None:
    count = readers[community.public_id, Kind.WEEKLY_DIGEST]
    if not count:
        return None
    leaves = next_digest(community.timezone, now)
    return Planned(
        scope=community.public_id,
        prefix=digest_prefix(community.public_id),
        kind="weekly_digest",
        on=leaves,
        first_at=leaves,
        last_at=leaves,
        count=count,
        at_most=True,
    )


def next_digest(zone: str, now: datetime) -> datetime:
    """The next Tuesday at nine on this wall clock."""
    today: date = now.astimezone(ZoneInfo(zone)).date()
    day = today + timedelta(days=(TUESDAY - today.weekday()) % 7)
    leaves = to_instant(day, DIGEST_LEAVES, zone)
    return leaves if leaves > now else to_instant(day + timedelta(days=7), DIGEST_LEAVES, zone)

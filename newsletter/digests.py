"""What the weekly digest tells: what was held back for one person, and what is new to them (EM1).

The *cut* of a digest is Tuesday 09:00 on the reader's wall clock. A digest tells what happened
before its cut and was not told by the one before. A later run of the same day comes to the same
answer, so it neither repeats nor forgets anything.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet

from cop.core.time import to_instant
from members.models import Community
from newsletter.calendar import TUESDAY
from newsletter.sources import Line, news_of
from outbox.models import Delivery, MailBatch, MailingList, Subscription

KIND = "weekly_digest"
LEAVES, GIVES_UP = time(9), time(18)
# Why a mail did not leave and stands in the digest instead. Of a pause, what is not stale yet.
HELD = ("moved to the digest", "in the weekly digest", "paused by the person")
# A digest in one of these states told nobody anything: the next one takes its content along.
UNTOLD = (Delivery.State.SKIPPED, Delivery.State.CANCELLED, Delivery.State.FAILED)
# The longest pause is eight weeks. What is new goes back less far.
KEEPS_HELD, KEEPS_NEWS = timedelta(weeks=9), timedelta(weeks=4)
# Who takes the digest for the first time also reads of the week before.
FIRST_WEEK = timedelta(weeks=1)
MOST_LINES, MOST_HELD = 20, 60
LINE_KINDS = ("held", "meeting", "ballot", "ballot_result", "recap", "resource")


@dataclass(frozen=True)
class Digest:
    """What one person reads. `more`: how many there was no room for."""

    lines: tuple[Line, ...]
    more: int = 0


def cut_for(zone: str, now: datetime) -> datetime | None:
    """The cut of today's digest, from that moment until 18:00 on this wall clock; else None."""
    today = now.astimezone(ZoneInfo(zone)).date()
    if today.weekday() != TUESDAY:
        return None
    cut = to_instant(today, LEAVES, zone)
    return cut if cut <= now < to_instant(today, GIVES_UP, zone) else None


def readers_of(scopes: Collection[str], *, now: datetime) -> QuerySet[Subscription]:
    """Whoever takes the weekly digest at this moment."""
    rows = Subscription.objects.in_force(now).filter(person__is_active=True)
    return rows.filter(
        mailing_list__kind=MailingList.Kind.WEEKLY_DIGEST, mailing_list__scope__in=scopes
    )


def without_digest(rows: QuerySet[Subscription], *, cut: datetime) -> QuerySet[Subscription]:
    """Those whom this week's digest was not queued for yet."""
    queued = Delivery.objects.filter(
        person=OuterRef("person"),
        scope=OuterRef("mailing_list__scope"),
        budgeted=True,
        kind=KIND,
        created_at__gte=cut,
    )
    return rows.filter(~Exists(queued))


class Harvest:
    """All that one community has to tell at one cut, to the readers of some zones."""

    def __init__(self, community: Community, *, cut: datetime, zones: Collection[str]) -> None:
        self.cut = cut
        self.news = list(news_of(community, cut - KEEPS_NEWS, cut))
        mine = Delivery.objects.filter(
            scope=community.public_id, person__timezone__in=zones, budgeted=True
        )
        self.told = _told(mine, cut)
        self.held = _held(mine, cut)

    @property
    def is_empty(self) -> bool:
        return not self.news and not self.held

    def digest_for(self, reader: Subscription, editions: Collection[str]) -> Digest | None:
        """None where there is nothing new: then there is no mail."""
        told = self.told.get(reader.person_id, self.cut - KEEPS_HELD)
        since = max(told, self.cut - KEEPS_NEWS, reader.changed_at - FIRST_WEEK)
        news = {
            one.line.path: one.line
            for one in self.news
            if one.at >= since and one.edition in editions
        }
        held = [line for at, line in self.held.get(reader.person_id, ()) if at >= told]
        # What was held back and is new as well is told once, with the day where there is one.
        first = tuple(dict.fromkeys(news.pop(line.path, line) for line in held))
        lines = first[:MOST_HELD]
        lines += tuple(news.values())[: max(0, MOST_LINES - len(lines))]
        if not lines:
            return None
        return Digest(lines, more=len(first) + len(news) - len(lines))


def _told(mine: QuerySet[Delivery], cut: datetime) -> dict[int, datetime]:
    """person -> the cut of their last digest; it is queued as of its cut."""
    last = mine.filter(kind=KIND, created_at__lt=cut, created_at__gte=cut - KEEPS_HELD)
    last = last.exclude(state__in=UNTOLD).values("person")
    return dict(last.annotate(last=Max("created_at")).values_list("person", "last"))


def _held(mine: QuerySet[Delivery], cut: datetime) -> dict[int, list[tuple[datetime, Line]]]:
    """person -> what did not leave, the oldest first. What has run out since is worth no word."""
    rows = mine.filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=cut),
        state=Delivery.State.SKIPPED,
        reason__in=HELD,
        ended_at__gte=cut - KEEPS_HELD,
        ended_at__lt=cut,
    ).exclude(kind=KIND)
    fields = ("person", "ended_at", "batch", "language", "digest_title", "digest_path", "subject")
    found = rows.order_by("ended_at", "pk").values_list(*fields)
    titles = _titles(rows)
    held: dict[int, list[tuple[datetime, Line]]] = defaultdict(list)
    for person, ended_at, batch, language, title, path, subject in found:
        if batch is not None:
            title, path = titles.get((batch, language), ("", ""))
        if title or subject:
            held[person].append((ended_at, Line("held", title or subject, path)))
    return dict(held)


def _titles(rows: QuerySet[Delivery]) -> dict[tuple[int, str], tuple[str, str]]:
    """(batch, language) -> title and path, without the long texts beside them."""
    batches = MailBatch.objects.filter(
        pk__in=rows.filter(batch__isnull=False).order_by().values("batch")
    )
    languages = [code for code, _name in settings.LANGUAGES]
    keys = [
        f"contents__{code}__{part}"
        for code in languages
        for part in ("digest_title", "digest_path")
    ]
    found: dict[tuple[int, str], tuple[str, str]] = {}
    for pk, *values in batches.values_list("pk", *(F(key) for key in keys)):
        pairs: list[tuple[Any, Any]] = list(zip(values[::2], values[1::2], strict=True))
        any_pair = next((pair for pair in pairs if pair[0]), ("", ""))
        for code, pair in zip(languages, pairs, strict=True):
            found[pk, code] = pair if pair[0] else any_pair
    return found

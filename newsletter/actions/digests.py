"""The weekly digest: Tuesday 09:00 on each reader's wall clock, only with something in it."""

import logging
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from cop.core.mail import Email
from cop.core.text import localized
from members.models import Community
from newsletter.digests import KIND, Digest, Harvest, cut_for, readers_of, without_digest
from newsletter.emails import digest_email
from newsletter.queries import Edition
from newsletter.recipients import insider_ids
from outbox.actions import Outgoing, find_mailing_list, queue_emails
from outbox.models import MailingList, Purpose, Subscription

logger = logging.getLogger(__name__)
SILENT = (Community.Status.PAUSED, Community.Status.ARCHIVED)
WORTH = timedelta(days=3)
AT_ONCE = 500


def queue_weekly_digests(*, now: datetime) -> int:
    """Queue the digest for each reader whose Tuesday morning has come. Returns how many are new.

    Safe to repeat, by several at once too. After an outage it catches up until 18:00; a week
    that was missed altogether is not made up for, its content goes into the next one.
    """
    communities = Community.objects.exclude(status__in=SILENT).order_by("pk")
    writing = {one.public_id: one for one in communities if _has_address(one)}
    readers = readers_of(writing, now=now).order_by()
    found = readers.values_list("mailing_list__scope", "person__timezone").distinct()
    due: dict[tuple[str, datetime], list[str]] = defaultdict(list)
    for scope, zone in found:
        if cut := cut_for(zone, now):
            due[scope, cut].append(zone)
    queued = 0
    for (scope, cut), zones in sorted(due.items()):
        try:
            queued += _queue_for(writing[scope], readers, cut=cut, zones=zones, now=now)
        except Exception:  # one community's trouble must not stop the others
            logger.exception("digest_failed", extra={"community": scope})
    return queued


def _has_address(community: Community) -> bool:
    """The law asks for a postal address under each such mail."""
    return bool(community.postal_address or settings.POSTAL_ADDRESS)


def _queue_for(
    community: Community,
    readers: QuerySet[Subscription],
    *,
    cut: datetime,
    zones: list[str],
    now: datetime,
) -> int:
    mine = readers.filter(mailing_list__scope=community.public_id, person__timezone__in=zones)
    waiting = without_digest(mine, cut=cut).select_related("person").order_by("pk")
    if not waiting.exists():
        return 0
    harvest = Harvest(community, cut=cut, zones=zones)
    if harvest.is_empty:
        return 0
    letters = _letters(community, waiting, harvest, now=now)
    queued = 0
    while some := list(islice(letters, AT_ONCE)):
        # As of the cut: that is where the next digest goes on.
        queued += queue_emails(some, now=cut)
    return queued


def _letters(
    community: Community, readers: QuerySet[Subscription], harvest: Harvest, *, now: datetime
) -> Iterator[Outgoing]:
    members, allies = (
        insider_ids(community, edition, now=now)
        for edition in (Edition.MEMBERS, Edition.MEMBERS_AND_ALLIES)
    )
    mailing_list = find_mailing_list(community.public_id, MailingList.Kind.WEEKLY_DIGEST)
    # Most people read the same: it is rendered once.
    rendered: dict[tuple[str, str, Digest], Email] = {}
    for reader in readers.iterator(chunk_size=AT_ONCE):
        person = reader.person
        editions = {Edition.PUBLIC}
        editions |= {Edition.MEMBERS} if person.pk in members else set()
        editions |= {Edition.MEMBERS_AND_ALLIES} if person.pk in allies else set()
        digest = harvest.digest_for(reader, editions)
        if digest is None:
            continue
        look = (person.language, person.timezone, digest)
        if look not in rendered:
            rendered[look] = digest_email(community, digest, person.language, person.timezone)
        yield Outgoing(
            key=_key(reader, community, harvest.cut),
            kind=KIND,
            purpose=Purpose.NEWSLETTER,
            email=rendered[look],
            person=person,
            scope=community.public_id,
            mailing_list=mailing_list,
            due_at=harvest.cut,
            expires_at=harvest.cut + WORTH,
            reply_to=community.contact_email,
            sender_name=localized(community, "name", person.language),
            budgeted=True,
        )


def _key(reader: Subscription, community: Community, cut: datetime) -> str:
    year, week, _day = cut.astimezone(ZoneInfo(reader.person.timezone)).isocalendar()
    return f"{KIND}:{community.public_id}:{reader.person.public_id}:{year}-W{week:02}"

"""The way of a community: planned, open, paused, closing, archived (2.1). Done, never typed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from members.access import has_role
from members.actions.memberships import local_day
from members.emails.communities import queue_closing_notices, queue_host_notices
from members.models import Community, User
from members.queries.communities import missing_parts
from outbox.actions import ensure_mailing_lists

log = structlog.get_logger(__name__)
Status = Community.Status
NOTICE = timedelta(days=60)
# From the end of a community to the removal of personal data.
DATA_STAYS = timedelta(days=365)
# Without these there is no community; once it is open they cannot be taken away.
LIVING = (Status.OPEN, Status.PAUSED, Status.CLOSING)


@transaction.atomic
def create_community(*, slug: str, by: User | None, **fields: Any) -> Community:  # noqa: ANN401
    """A community with its mailing lists. It starts as `planning` unless `status` says more."""
    community = Community(slug=slug, **fields)
    community.full_clean(exclude=["languages"])
    community.save()
    ensure_mailing_lists(scope=community.public_id, sender_name=community.name)
    record("community_created", community, by=by, scope=community.public_id, new=community.status)
    return community


@transaction.atomic
def update_community(*, community: Community, by: User, **fields: Any) -> Community:  # noqa: ANN401
    """Change texts and settings; the name under the mails follows the community's.

    Raises ActionError where an open one would lose what it needs (C1).
    """
    locked = Community.objects.select_for_update().get(pk=community.pk)
    old_status = locked.status
    for name, value in fields.items():
        setattr(locked, name, value)
    if old_status in LIVING:
        was = Community.objects.get(pk=community.pk)
        today = local_day(locked, timezone.now())
        lost = {part.code for part in missing_parts(locked, today)}
        if lost - {part.code for part in missing_parts(was, today)}:
            raise ActionError(say_missing(locked, timezone.now()))
    locked.save(update_fields=list(fields))
    ensure_mailing_lists(scope=locked.public_id, sender_name=locked.name)
    record(
        "community_updated",
        locked,
        by=by,
        scope=locked.public_id,
        old=old_status,
        new=locked.status,
        reason=", ".join(sorted(fields)),
    )
    return locked


def say_missing(community: Community, now: datetime) -> str:
    """What an open community needs and this one lacks, in one sentence. Empty: nothing."""
    parts = missing_parts(community, local_day(community, now))
    if not parts:
        return ""
    return _("It cannot be open without these: %(parts)s.") % {
        "parts": "; ".join(str(part.label) for part in parts)
    }


@transaction.atomic
def open_community(*, community: Community, by: User | None, now: datetime) -> Community:
    """From here on it takes people in and meets. Says exactly what is missing (C1)."""
    return _move(
        community, by, now, "community_opened", (Status.PLANNING,), Status.OPEN, needs_parts=True
    )


@transaction.atomic
def pause_community(*, community: Community, by: User | None, now: datetime) -> Community:
    """No reminders, no newsletters, no new people; everything stays to be read."""
    return _move(community, by, now, "community_paused", (Status.OPEN,), Status.PAUSED)


@transaction.atomic
def resume_community(*, community: Community, by: User | None, now: datetime) -> Community:
    return _move(
        community, by, now, "community_resumed", (Status.PAUSED,), Status.OPEN, needs_parts=True
    )


@transaction.atomic
def start_closing(*, community: Community, by: User | None, now: datetime) -> Community:
    """Sixty days of notice, and a mail to everybody who belongs. Not to be taken back."""
    community = _move(
        community,
        by,
        now,
        "community_closing",
        (Status.OPEN, Status.PAUSED),
        Status.CLOSING,
        closes_on=local_day(community, now) + NOTICE,
    )
    queue_closing_notices(community)
    return community


@transaction.atomic
def archive_community(*, community: Community, by: User | None, now: datetime) -> Community:
    """The end: at the day that everybody was told, or of a plan that came to nothing."""
    if community.status == Status.PLANNING:
        if community.memberships.exists():
            raise ActionError(_("People belong to it already. Open it, then close it with notice."))
    elif community.closes_on is None or community.closes_on > local_day(community, now):
        raise ActionError(_("Everybody was told a day. It is archived on that day, not before."))
    return _move(
        community,
        by,
        now,
        "community_archived",
        (Status.PLANNING, Status.CLOSING),
        Status.ARCHIVED,
    )


def keep_communities(*, now: datetime) -> None:
    """Archive what has reached its day, write to those not yet told, name what must be removed."""
    for community in Community.objects.filter(status=Status.CLOSING).order_by("pk"):
        if community.closes_on and community.closes_on <= local_day(community, now):
            archive_community(community=community, by=None, now=now)
        else:
            queue_closing_notices(community)
    for community in Community.objects.filter(status__in=LIVING).order_by("pk"):
        queue_host_notices(community, local_day(community, now))
    for community in Community.objects.filter(status=Status.ARCHIVED).order_by("pk"):
        _note_data_due(community, now)


def _note_data_due(community: Community, now: datetime) -> None:
    """Twelve months after the end, personal data goes. Said once, for the administrator."""
    events = AuditEvent.objects.filter(
        object_type=community._meta.label_lower, object_id=community.public_id
    )
    ended = events.filter(action="community_archived", at__lte=now - DATA_STAYS)
    if ended.exists() and not events.filter(action="community_data_due").exists():
        record("community_data_due", community, by=None, scope=community.public_id)
        log.warning("community_data_due", community=community.public_id)


def _move(
    community: Community,
    by: User | None,
    now: datetime,
    action: str,
    before: Sequence[str],
    after: str,
    needs_parts: bool = False,
    **fields: Any,  # noqa: ANN401
) -> Community:
    """One step of the way, in the caller's transaction. `by=None`: the clock, or the set-up."""
    if by is not None and not has_role(by, community, "coordinator"):
        raise ActionError(_("Only a coordinator does this."))
    locked = Community.objects.select_for_update().get(pk=community.pk)
    if locked.status not in before:
        raise ActionError(
            _("It stands otherwise by now: %(status)s. Look at it again.")
            % {"status": locked.get_status_display()}
        )
    if needs_parts and (lacking := say_missing(locked, now)):
        raise ActionError(lacking)
    old, locked.status = locked.status, after
    for name, value in fields.items():
        setattr(locked, name, value)
    locked.save(update_fields=["status", *fields])
    record(action, locked, by=by, scope=locked.public_id, old=old, new=after)
    return locked

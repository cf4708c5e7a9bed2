"""Lines of activity: begun, changed, closed; and which of them somebody follows."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.access import has_role, membership_of
from members.actions.communities import LIVING
from members.actions.memberships import local_day
from members.models import Community, Stream, StreamChoice, User


@transaction.atomic
def add_stream(
    *,
    community: Community,
    kind: str,
    by: User | None,
    features: list[str] | None = None,
    **fields: Any,  # noqa: ANN401
) -> Stream:
    """A new one; without `features` it comes with those of its kind."""
    _check(by, community)
    chosen = Stream.FEATURES_OF[kind] if features is None else features
    _check_features(chosen)
    stream = Stream.objects.create(community=community, kind=kind, features=chosen, **fields)
    audit.record("stream_added", stream, by=by, scope=community.public_id, new=kind)
    return stream


@transaction.atomic
def change_stream(*, stream: Stream, by: User, **fields: Any) -> Stream:  # noqa: ANN401
    _check(by, stream.community)
    if "features" in fields:
        _check_features(fields["features"])
    locked = Stream.objects.select_for_update(of=("self",)).get(pk=stream.pk)
    for name, value in fields.items():
        setattr(locked, name, value)
    locked.save(update_fields=list(fields))
    scope, changed = stream.community.public_id, ", ".join(fields)
    audit.record("stream_changed", locked, by=by, scope=scope, reason=changed)
    return locked


@transaction.atomic
def close_stream(*, stream: Stream, by: User, now: datetime) -> None:
    """Out of use: nobody follows it any more. What it made stays. The last one stays too (ST1)."""
    community = stream.community
    _check(by, community)
    # Two people who close the last two at once must not both succeed.
    Community.objects.select_for_update(no_key=True).get(pk=community.pk)
    others = community.streams.filter(is_active=True).exclude(pk=stream.pk)
    if community.status in LIVING and not others.exists():
        raise ActionError(_("It is the only stream in use. Begin another one first."))
    today = local_day(community, now)
    running = Stream.objects.filter(pk=stream.pk, is_active=True)
    last = today if stream.starts_on is None or stream.starts_on <= today else stream.starts_on
    if not running.update(is_active=False, ends_on=last):
        raise ActionError(_("This stream is closed already."))
    audit.record("stream_closed", stream, by=by, scope=community.public_id)


@transaction.atomic
def reopen_stream(*, stream: Stream, by: User, now: datetime) -> None:
    _check(by, stream.community)
    closed = Stream.objects.filter(pk=stream.pk, is_active=False)
    if not closed.update(is_active=True, ends_on=None):
        raise ActionError(_("This stream is in use already."))
    audit.record("stream_reopened", stream, by=by, scope=stream.community.public_id)


@transaction.atomic
def follow_stream(*, stream: Stream, person: User) -> None:
    """Choose it (ST2). Kept as one's own word, also where the kind would say the same."""
    _choose(stream, person, follows=True)


@transaction.atomic
def unfollow_stream(*, stream: Stream, person: User) -> None:
    _choose(stream, person, follows=False)


def _choose(stream: Stream, person: User, *, follows: bool) -> None:
    if membership_of(person, stream.community) is None:
        raise ActionError(_("Only those who belong to the community follow its streams."))
    StreamChoice.objects.update_or_create(
        stream=stream, person=person, defaults={"follows": follows}
    )


def _check(by: User | None, community: Community) -> None:
    if by is not None and not has_role(by, community, "coordinator"):
        raise ActionError(_("Only a coordinator does this."))


def _check_features(features: list[str]) -> None:
    if not features:
        raise ActionError(_("Tick at least one part that the stream uses."))

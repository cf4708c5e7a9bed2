from typing import Any

from django.db import transaction

from cop.core.audit import record
from members.models import Community, User
from outbox.actions import ensure_mailing_lists


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
    """Change texts and settings; the name under the mails follows the community's."""
    locked = Community.objects.select_for_update().get(pk=community.pk)
    old_status = locked.status
    for name, value in fields.items():
        setattr(locked, name, value)
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

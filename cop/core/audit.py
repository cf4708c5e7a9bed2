from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cop.core.models import AuditEvent

if TYPE_CHECKING:
    from django.db import models


def record(
    action: str,
    obj: models.Model,
    *,
    by: Any,  # noqa: ANN401  a person of the app on the right, or None for the clock
    scope: str = "",
    old: str = "",
    new: str = "",
    reason: str = "",
) -> None:
    """Write one line of history, in the caller's transaction. `scope`: a community's public id."""
    AuditEvent.objects.create(
        actor_id=by.pk if by is not None else None,
        action=action,
        object_type=obj._meta.label_lower,
        object_id=str(getattr(obj, "public_id", obj.pk)),
        scope=scope,
        old=old,
        new=new,
        reason=reason,
    )

"""Many lines of history in one statement."""

from django.db.models import Model

from cop.core.models import AuditEvent
from members.models import Community, User

BATCH = 2000


class Notes:
    """Collect, then write. What is noted has its public id before it is saved."""

    def __init__(self, by: User, community: Community) -> None:
        self.by, self.scope = by, community.public_id
        self.events: list[AuditEvent] = []

    def add(
        self, action: str, obj: Model, *, old: str = "", new: str = "", reason: str = ""
    ) -> None:
        self.events.append(
            AuditEvent(
                actor_id=self.by.pk, action=action, object_type=obj._meta.label_lower,
                object_id=obj.public_id, scope=self.scope, old=old, new=new, reason=reason,
            )
        )  # fmt: skip

    def write(self) -> None:
        AuditEvent.objects.bulk_create(self.events, batch_size=BATCH)
        self.events.clear()

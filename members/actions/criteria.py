"""What an organization must show to belong."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.models import Community, Criterion, User
from members.recovery_criteria import RECOVERY_CRITERIA


@transaction.atomic
def add_recovery_criteria(
    *, community: Community, by: User | None, **more: dict[str, Any]
) -> list[Criterion]:
    """Begin with the four of the recovery services; `more` adds fields to one, by its code."""
    row = Community.objects.select_for_update(of=("self",)).get(pk=community.pk)
    if row.criteria.exists():
        raise ActionError(_("There are criteria already. Change those, or add one to them."))
    rows = [
        Criterion(community=row, position=place, **words, **more.get(words["code"], {}))
        for place, words in enumerate(RECOVERY_CRITERIA)
    ]
    made = Criterion.objects.bulk_create(rows)
    audit.record("criteria_added", row, by=by, scope=row.public_id, new=str(len(made)))
    return made

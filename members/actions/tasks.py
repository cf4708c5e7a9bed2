"""What a reviewer must look at by a day, opened by the rules and closed by a person."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.access import may_review
from members.models import Community, ReviewTask, User


@transaction.atomic
def open_review_task(
    *,
    community: Community,
    kind: str,
    now: datetime,
    due_on: date,
    note: str = "",
    **about: Any,  # noqa: ANN401  organization, evidence, application, affiliation
) -> ReviewTask:
    """Open one, or give back the open one of this kind about the same thing."""
    Community.objects.select_for_update(of=("self",), no_key=True).get(pk=community.pk)
    same = ReviewTask.objects.filter(community=community, kind=kind, done_at=None, **about)
    task = same.order_by("pk").first()
    if task is not None:
        return task
    task = ReviewTask.objects.create(
        community=community, kind=kind, opened_at=now, due_on=due_on, note=note, **about
    )
    audit.record("task_opened", task, by=None, scope=community.public_id, new=kind)
    return task


@transaction.atomic
def close_review_task(*, task: ReviewTask, by: User, now: datetime) -> None:
    """Somebody has looked. Raises ActionError without the role, or when it is done already."""
    if not may_review(by, task.community):
        raise ActionError(_("Only reviewers and coordinators close this."))
    open_ones = ReviewTask.objects.filter(pk=task.pk, done_at=None)
    if not open_ones.update(done_at=now, done_by=by):
        raise ActionError(_("Somebody has done this already."))
    audit.record("task_done", task, by=by, scope=task.community.public_id, old=task.kind)

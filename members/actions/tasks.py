"""What a reviewer must look at by a day, opened by the rules and closed by a person."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.access import may_review
from members.models import (
    Affiliation,
    Community,
    MembershipApplication,
    Organization,
    ReviewTask,
    User,
)
from members.queries import is_affiliated

TIE_KINDS = (ReviewTask.Kind.AFFILIATION_SILENT, ReviewTask.Kind.AFFILIATION_DISPUTED)


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
def close_review_task(*, task: ReviewTask, by: User, now: datetime, note: str = "") -> None:
    """Somebody has looked. Raises ActionError without the role, for people of the organization
    that it is about (E5), or when it is done already. `note`: what came of it, for colleagues.
    """
    if not may_review(by, task.community):
        raise ActionError(_("Only reviewers and coordinators close this."))
    organization = organization_of(task)
    if organization is not None and is_affiliated(by, organization):
        raise ActionError(
            _("You belong to %(organization)s yourself. Somebody else looks at it.")
            % {"organization": organization}
        )
    notes = "\n\n".join(filter(None, [task.note, note.strip()]))
    open_ones = ReviewTask.objects.filter(pk=task.pk, done_at=None)
    if not open_ones.update(done_at=now, done_by=by, note=notes):
        raise ActionError(_("Somebody has done this already."))
    audit.record("task_done", task, by=by, scope=task.community.public_id, old=task.kind)


def close_tie_tasks(*, application: MembershipApplication, by: User | None, now: datetime) -> None:
    """Decided: what was open about the link to the organization waits for nobody any more."""
    rows = ReviewTask.objects.filter(
        community=application.community,
        affiliation__person=application.person,
        affiliation__organization=application.organization,
    )
    _close(rows, by=by, now=now)


def close_tasks_of_tie(*, affiliation: Affiliation, by: User | None, now: datetime) -> None:
    """The organization knows this person after all: nobody needs to ring there any more."""
    _close(affiliation.review_tasks.all(), by=by, now=now)


def _close(tasks: QuerySet[ReviewTask], *, by: User | None, now: datetime) -> None:
    rows = tasks.filter(kind__in=TIE_KINDS, done_at=None)
    for task in rows.select_related("community").order_by("pk"):
        ReviewTask.objects.filter(pk=task.pk, done_at=None).update(done_at=now, done_by=by)
        audit.record("task_done", task, by=by, scope=task.community.public_id, old=task.kind)


def organization_of(task: ReviewTask) -> Organization | None:
    """Which one it is about, however it was opened."""
    if task.organization is not None:
        return task.organization
    for about in (task.evidence, task.application, task.affiliation):
        if about is not None and about.organization is not None:
            return about.organization
    return None

"""Does it still hold? What is due is found by the clock; a person looks (L6)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from library.actions.endings import archive_resource
from library.actions.resources import lock_resource, note
from library.emails.credits import keepers_of
from library.emails.reviews import queue_reviews_due
from library.models import Resource
from library.rules import REVIEW_DAYS
from members.models import Community, User

State = Resource.State
# What has no rule of its own is looked at again after so many days.
USUAL_DAYS = 730


def find_due(*, now: datetime) -> None:
    """What is due goes into the queue; a recording whose time is over is put away."""
    for community in Community.objects.all():
        today = now.astimezone(ZoneInfo(community.timezone)).date()
        shown = Resource.objects.published().filter(community=community)
        for resource in shown.filter(expires_on__lte=today).order_by("pk"):
            archive_resource(
                resource=resource, by=None, reason=_("The time it was agreed to be shown is over.")
            )
        due = shown.filter(state=State.PUBLISHED, review_due_on__lte=today).order_by("pk")
        for resource in due:
            _mark_due(resource)


@transaction.atomic
def _mark_due(resource: Resource) -> None:
    resource = lock_resource(resource, State.PUBLISHED)
    resource.state = State.REVIEW_DUE
    resource.save(update_fields=["state"])
    note("resource_due", resource, by=None, old=State.PUBLISHED, new=resource.state)


@transaction.atomic
def confirm_resource(*, resource: Resource, by: User, now: datetime) -> Resource:
    """It still holds, says who looked: out of the queue until the next time."""
    resource = lock_resource(resource, *Resource.SHOWN_STATES)
    today = now.astimezone(ZoneInfo(resource.community.timezone)).date()
    old, resource.state = resource.state, State.PUBLISHED
    days = REVIEW_DAYS.get(resource.kind, USUAL_DAYS)
    resource.review_due_on = today + timedelta(days=days)
    resource.checked_by, resource.checked_at = by, now
    resource.save(update_fields=["state", "review_due_on", "checked_by", "checked_at"])
    note("resource_confirmed", resource, by=by, old=old, new=resource.state)
    return resource


def remind_of_reviews(*, now: datetime) -> None:
    """Once a month to each steward what is theirs; what has none to the librarians."""
    for community in Community.objects.filter(resources__state=State.REVIEW_DUE).distinct():
        today = now.astimezone(ZoneInfo(community.timezone)).date()
        due = Resource.objects.filter(community=community, state=State.REVIEW_DUE)
        of_person: dict[User, list[Resource]] = {}
        for resource in due.select_related("community", "steward").order_by("review_due_on", "pk"):
            steward = resource.steward
            people = [steward] if steward and steward.is_active else keepers_of(resource)
            for person in people:
                of_person.setdefault(person, []).append(resource)
        for person, resources in of_person.items():
            queue_reviews_due(community, person, resources, month=f"{today:%Y-%m}", now=now)

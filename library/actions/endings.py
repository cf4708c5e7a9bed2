"""Out of the library and back: replaced, put away, taken out; every old address says so."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from library.actions.contents import check_complete
from library.actions.credits import check_consents
from library.actions.resources import lock_resource, mark_published, move_resource, note
from library.errors import Incomplete
from library.models import Resource
from members.models import User

State = Resource.State
PUT_AWAY = (State.SUPERSEDED, State.WITHDRAWN, State.ARCHIVED)


@transaction.atomic
def supersede_resource(*, resource: Resource, successor: Resource, by: User) -> Resource:
    """Another one takes its place. The old address stays and leads there."""
    if successor.pk == resource.pk or successor.community_id != resource.community_id:
        raise Incomplete(_("Choose another resource of this community."))
    # Both, in one order: two librarians who replace the one by the other do not wait for ever.
    both = Resource.objects.select_for_update().filter(pk__in=[resource.pk, successor.pk])
    successor = {row.pk: row for row in both.order_by("pk")}[successor.pk]
    resource = lock_resource(resource, *Resource.SHOWN_STATES)
    if not successor.is_shown:
        raise Incomplete(_("Publish the new one first: people are sent there."))
    old, resource.state, resource.superseded_by = resource.state, State.SUPERSEDED, successor
    resource.save(update_fields=["state", "superseded_by"])
    # Who comes by way of a still older one is sent to the newest.
    Resource.objects.filter(superseded_by=resource).update(superseded_by=successor)
    note("resource_superseded", resource, by=by, old=old, new=resource.state)
    return resource


@transaction.atomic
def archive_resource(*, resource: Resource, by: User | None, reason: str) -> Resource:
    """Put away: nobody finds or opens it, and it can come back."""
    resource = lock_resource(resource, *Resource.SHOWN_STATES)
    move_resource(resource, State.ARCHIVED, "resource_archived", by=by, reason=reason)
    return resource


@transaction.atomic
def restore_resource(*, resource: Resource, by: User, now: datetime) -> Resource:
    """Back where it was, if everybody in it still agrees."""
    resource = lock_resource(resource, *PUT_AWAY)
    check_complete(resource)
    check_consents(resource)
    today = now.astimezone(ZoneInfo(resource.community.timezone)).date()
    if resource.expires_on and resource.expires_on <= today:
        raise Incomplete(_("The time it may be shown is over. Set a later day first."))
    old, resource.superseded_by = resource.state, None
    mark_published(resource, now)
    resource.save(update_fields=["state", "superseded_by", "return_reason", "published_at",
                                 "review_due_on", "expires_on"])  # fmt: skip
    note("resource_restored", resource, by=by, old=old, new=resource.state)
    return resource

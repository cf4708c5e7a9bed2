from django.contrib.auth.models import AnonymousUser
from django.shortcuts import get_object_or_404

from library.models import Resource
from members.access import Visitor, has_role, may_see_audience
from members.models import Community


def may_send_resource(person: Visitor, community: Community) -> bool:
    """Members and allies, and those who hold a role. Not from before the wall (P4)."""
    return may_see_audience(person, community, "members_and_allies")


def may_keep_library(person: Visitor, community: Community) -> bool:
    return has_role(person, community, *Resource.KEEPER_ROLES)


def may_edit_own(person: Visitor, resource: Resource) -> bool:
    """One's own, as long as it waits; what is published the librarian tidies."""
    waiting = resource.state in {Resource.State.IN_REVIEW, Resource.State.RETURNED}
    is_own = not isinstance(person, AnonymousUser) and resource.submitted_by_id == person.pk
    return waiting and is_own


def may_say_use(person: Visitor, resource: Resource) -> bool:
    """“This helped”, “I used this”: of those inside, about what is not their own (L8)."""
    if not person.is_authenticated or resource.submitted_by_id == person.pk:
        return False
    seen = Resource.objects.visible_to(person).published().filter(pk=resource.pk)
    return seen.exists() and may_send_resource(person, resource.community)


def get_resource_or_404(person: Visitor, community: Community, public_id: str) -> Resource:
    rows = Resource.objects.readable_by(person).filter(community=community)
    return get_object_or_404(rows, public_id=public_id)

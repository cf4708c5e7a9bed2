"""Who works on the newsletters of a community."""

from datetime import date

from django.db.models import QuerySet

from members.models import Community, User
from members.models.communities import current_grant
from newsletter.rules import EDITOR_ROLES


def editors_of(community: Community, on: date) -> QuerySet[User]:
    """Editors and coordinators on that day, by account."""
    grants = community.role_grants.filter(current_grant(on=on), role__in=EDITOR_ROLES)
    people = User.objects.filter(pk__in=grants.values("person"), is_active=True)
    return people.order_by("pk")

"""Who may see which resource: every list goes through here (G3)."""

from typing import TYPE_CHECKING, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.models import Community

if TYPE_CHECKING:
    from members.models import User

# With its sender, or with the librarian.
WAITING_STATES = ("in_review", "returned")


class Visibility(models.TextChoices):
    PUBLIC = "public", _("Everybody")
    MEMBERS_AND_ALLIES = "members_and_allies", _("Members and allies")
    MEMBERS = "members", _("Members only")


class ResourceQuerySet(models.QuerySet["Resource"]):
    def published(self) -> Self:
        return self.filter(state__in=self.model.SHOWN_STATES)

    def visible_to(self, person: "User | AnonymousUser") -> Self:
        """Published resources that this person may see, and one's own while they wait (G3)."""
        return self.filter(
            (admits(person) & Q(state__in=self.model.SHOWN_STATES)) | _own_waiting(person)
        )

    def readable_by(self, person: "User | AnonymousUser") -> Self:
        """Those whose address answers: the visible, the replaced and withdrawn (with the reason),
        and all for those who look after the library."""
        staffed = Community.objects.staffed_by(person, *self.model.KEEPER_ROLES)
        return self.filter(
            (admits(person) & Q(state__in=[*self.model.SHOWN_STATES, *self.model.GONE_STATES]))
            | _own_waiting(person)
            | Q(community__in=staffed)
        )


class ResourceManager(models.Manager.from_queryset(ResourceQuerySet)):  # type: ignore[misc]
    """Leaves the long text and the index where they are, until somebody asks for them."""

    def get_queryset(self) -> ResourceQuerySet:
        rows: ResourceQuerySet = super().get_queryset()
        return rows.defer("file_text", "head", "search")


def admits(person: "User | AnonymousUser") -> Q:
    """The audience of the row has this person in it."""
    admitted = Q()
    for audience in Visibility.values:
        opened = Community.objects.opening(person, audience)
        admitted |= Q(visibility=audience, community__in=opened)
    return admitted & Q(community__in=Community.objects.public())


def _own_waiting(person: "User | AnonymousUser") -> Q:
    if not person.is_authenticated:
        return Q(pk__in=[])
    return Q(submitted_by=person, state__in=WAITING_STATES)

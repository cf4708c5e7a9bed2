"""One meeting as a guest, while an application is being looked at (AM5)."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from meetings.models.series import Audience
from members.models import Membership, MembershipApplication, User


def guest_applications(**here: Any) -> QuerySet[MembershipApplication]:  # noqa: ANN401
    """Open applications; `here` says whose and to which community. Who was put out waits."""
    put_out = Membership.objects.filter(
        person=OuterRef("person"),
        community=OuterRef("community"),
        state__in=[Membership.State.REMOVED, Membership.State.SUSPENDED],
    )
    rows = MembershipApplication.objects.filter(state__in=MembershipApplication.OPEN_STATES, **here)
    return rows.filter(~Exists(put_out))


def guest_places(person: User, *, meetings: QuerySet[Any], answers: QuerySet[Any]) -> Q:
    """Of meetings for members and allies: the one that was chosen, or else the next one.

    Whoever has been to one, or holds a seat at one, has had theirs until the decision.
    """
    here = OuterRef("community")
    since = guest_applications(
        person=person.pk,
        community=OuterRef("meeting__community"),
        submitted_at__lte=OuterRef("answered_at"),
    )
    chosen = answers.involved().filter(Exists(since), person=person.pk)
    taken = chosen.filter(
        meeting__community=here, meeting__audience=Audience.MEMBERS_AND_ALLIES
    ).exclude(meeting__state="cancelled")
    following = meetings.filter(
        community=here,
        audience=Audience.MEMBERS_AND_ALLIES,
        state="scheduled",
        starts_at__gt=timezone.now(),
    ).exclude(kind="working_group")
    first = following.order_by("starts_at", "pk").values("pk")[:1]
    return Q(Exists(guest_applications(person=person.pk, community=here))) & (
        Q(Exists(chosen.filter(meeting=OuterRef("pk"))))
        | (~Q(Exists(taken)) & Q(pk=Subquery(first)))
    )

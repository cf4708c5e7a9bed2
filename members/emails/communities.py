"""The mails about a community itself: it comes to its end, another organization is its host."""

from collections.abc import Callable, Collection
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute
from members.mailing import queue_community_email
from members.models import Community, Membership, Partner, User
from members.queries.consents import people_to_ask
from outbox.models import Delivery, Purpose

CLOSING = "members/email/community_closing"
HOST = "members/email/host_changed"
WHY: str | Promise = _("You get this because you belong to this community.")
# So many in one transaction; the clock goes on with the rest.
CHUNK = 200
# Who joins later than that knows the host from the start.
NEWS_FOR = timedelta(days=14)


def closing_context(community: Community) -> dict[str, Any]:
    return {
        "last_day": community.closes_on - timedelta(days=1),
        "url": absolute(community.get_absolute_url()),
    }


def queue_closing_notices(community: Community) -> int:
    """Tell those who belong and were not told yet. Returns how many."""
    context = closing_context(community)
    prefix = f"community:{community.public_id}:closing:{community.closes_on}:"
    return _queue(community, CLOSING, prefix, lambda person: context)


def host_context(
    old: Partner, new: Partner, person: User, asked: Collection[int]
) -> dict[str, Any]:
    return {
        "old_host": old.organization,
        "new_host": new.organization,
        "since": new.starts_on,
        "is_asked": person.pk in asked,
        "url": absolute(reverse("me_home")),
    }


def queue_host_notices(community: Community, today: date) -> int:
    """Tell everybody who belongs of a new host, and whom it asks again (PA1)."""
    hosts = community.partners.filter(role=Partner.Role.HOST).select_related("organization")
    new = hosts.filter(ends_on=None, starts_on__lte=today, starts_on__gte=today - NEWS_FOR).first()
    old = hosts.filter(ends_on__isnull=False).order_by("-ends_on", "-pk").first()
    if new is None or old is None:
        return 0
    asked = people_to_ask(community)
    prefix = f"community:{community.public_id}:host:{new.pk}:"
    # Who joined since then knows no other host.
    rows = User.objects.filter(
        pk__in=community.memberships.filter(joined_on__lte=new.starts_on).values("person")
    )
    return _queue(
        community, HOST, prefix, lambda person: host_context(old, new, person, asked), rows
    )


def _queue(
    community: Community,
    template: str,
    prefix: str,
    context_of: Callable[[User], dict[str, Any]],
    among: QuerySet[User] | None = None,
) -> int:
    told = Delivery.objects.filter(key__startswith=prefix, person__isnull=False)
    people = (
        (User.objects.all() if among is None else among)
        .filter(
            memberships__community=community,
            memberships__state__in=Membership.CURRENT_STATES,
            is_active=True,
        )
        .exclude(pk__in=told.values("person"))
    )
    return sum(
        queue_community_email(
            community=community,
            person=person,
            key=f"{prefix}{person.public_id}",
            kind=template.rpartition("/")[2],
            purpose=Purpose.TRANSACTIONAL,
            template=template,
            why=WHY,
            context=context_of(person),
        )
        for person in people.order_by("pk")[:CHUNK]
    )

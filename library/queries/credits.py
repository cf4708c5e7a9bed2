"""Who is in a resource, whose yes is missing, and who may be named beside it (L3, L4)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Prefetch, QuerySet

from library.models import Resource, ResourceCredit, Visibility

Consent = ResourceCredit.Consent
# Audiences from few to many: a yes for many is one for few as well.
AUDIENCES = [Visibility.MEMBERS, Visibility.MEMBERS_AND_ALLIES, Visibility.PUBLIC]
SAID_NO = (Consent.REFUSED, Consent.WITHDRAWN)
# A week after the question, once; a question of last month is not for the clock any more.
REMIND_AFTER, REMIND_UNTIL = timedelta(days=7), timedelta(days=14)


def covers(given: str, wanted: str) -> bool:
    """A yes that was given for `given` is one for `wanted`. None at all covers nothing."""
    return given in AUDIENCES and AUDIENCES.index(given) >= AUDIENCES.index(Visibility(wanted))


def wider_of(one: str, other: str) -> str:
    return one if covers(one, other) else other


def is_agreed(credit: ResourceCredit, visibility: str) -> bool:
    return credit.consent == Consent.GIVEN and covers(credit.consent_visibility, visibility)


def can_be_asked(credit: ResourceCredit, wanted: str) -> bool:
    """By mail: somebody with an account, who has not answered for these readers yet."""
    reachable = credit.person is not None and credit.person.is_active
    needed = credit.is_named or credit.part in ResourceCredit.RECOGNIZABLE
    return reachable and needed and credit.consent not in SAID_NO and not is_agreed(credit, wanted)


def missing_consents(resource: Resource, visibility: str = "") -> list[ResourceCredit]:
    """Those who can be recognized and have not said yes to these readers (L3, L4).

    `visibility`: the audience to come, where it is about to change.
    """
    wanted = visibility or resource.visibility
    rows = resource.credits.filter(part__in=ResourceCredit.RECOGNIZABLE).select_related("person")
    return [row for row in rows.order_by("pk") if not is_agreed(row, wanted)]


def named_people(resource: Resource) -> list[str]:
    """Names of those who made it or speak in it and said yes to it, for all who see it."""
    rows = _named(resource).select_related("person").order_by("pk")
    return list(dict.fromkeys(row.who for row in rows if is_agreed(row, resource.visibility)))


def credits_shown(resource: Resource, audiences: Iterable[str]) -> list[ResourceCredit]:
    """Those named for a reader whom these audiences take in. One question."""
    open_to = set(audiences)
    return [row for row in _named_rows(resource) if row.consent_visibility in open_to]


def cited_people(resource: Resource) -> list[str]:
    """Its authors; where nobody wrote it, who speaks in it. Named, before all who may see it."""
    rows = [row for row in _named_rows(resource) if is_agreed(row, resource.visibility)]
    authors = [row for row in rows if row.part == ResourceCredit.Part.AUTHOR]
    spoken = [row for row in rows if row.part == ResourceCredit.Part.SPEAKER]
    return list(dict.fromkeys(row.who for row in authors or spoken))


def with_named_credits(rows: QuerySet[Resource]) -> QuerySet[Resource]:
    """For a page that shows and cites them: read once."""
    named = ResourceCredit.objects.filter(is_named=True, consent=Consent.GIVEN)
    named = named.select_related("person").order_by("part", "pk")
    return rows.prefetch_related(Prefetch("credits", named, to_attr="named_credits"))


def _named_rows(resource: Resource) -> list[ResourceCredit]:
    if hasattr(resource, "named_credits"):
        return resource.named_credits
    return list(_named(resource).select_related("person").order_by("part", "pk"))


def _named(resource: Resource) -> QuerySet[ResourceCredit]:
    return resource.credits.filter(is_named=True, consent=Consent.GIVEN)


def credits_of(person: object) -> QuerySet[ResourceCredit]:
    """All that this person is in, what waits for an answer first."""
    rows = ResourceCredit.objects.filter(person=person).exclude(
        resource__state=Resource.State.ARCHIVED
    )
    rows = rows.select_related("resource__community").defer(
        "resource__body",
        "resource__transcript",
        "resource__file_text",
        "resource__words",
        "resource__head",
        "resource__search",
    )
    return rows.order_by("-asked_at", "-pk")


def unanswered(now: datetime) -> QuerySet[ResourceCredit]:
    """Asked a week ago, and silent."""
    return ResourceCredit.objects.filter(
        consent=Consent.ASKED,
        asked_at__lte=now - REMIND_AFTER,
        asked_at__gt=now - REMIND_UNTIL,
        person__is_active=True,
    ).exclude(resource__state__in=[Resource.State.ARCHIVED, *Resource.GONE_STATES])

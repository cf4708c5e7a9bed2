"""A person says that mail reaches them after all."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery

from cop.core import audit
from outbox.addresses import address_hash
from outbox.models import AddressScore, Consent, Subscription, Suppression


@transaction.atomic
def confirm_address_works(*, person: Any, now: datetime) -> bool:  # noqa: ANN401  a User
    """Write to this address again. True if we had stopped.

    Lists that they left, or ended by a complaint, stay as they are.
    """
    key = address_hash(person.email)
    lifted = Suppression.objects.filter(
        address_hash=key,
        scope="all",
        cause=Suppression.Cause.BOUNCED,
        lifted_at__isnull=True,
    ).update(lifted_at=now)
    AddressScore.objects.filter(pk=key).update(soft=0, hard=0, at=now)
    restored = _restore(person, key, now)
    if not lifted and not restored:
        return False
    audit.record("address confirmed", person, by=person)
    return True


def take_new_address(*, person: Any, now: datetime) -> None:  # noqa: ANN401  a User
    """Their new, verified address has a clean record: what had stopped for the old one goes on."""
    key = address_hash(person.email)
    if not Suppression.objects.filter(
        address_hash=key, scope="all", lifted_at__isnull=True
    ).exists():
        _restore(person, key, now)


def _restore(person: Any, key: str, now: datetime) -> int:  # noqa: ANN401
    stopped = Suppression.objects.filter(address_hash=key, lifted_at__isnull=True)
    word = Consent.objects.filter(subscription=OuterRef("pk")).order_by("-at", "-pk")
    rows = Subscription.objects.filter(person=person, state=Subscription.State.BOUNCED)
    rows = rows.exclude(mailing_list__public_id__in=stopped.values("scope"))
    wanted = rows.annotate(given=Subquery(word.values("given")[:1])).filter(given=True)
    return Subscription.objects.filter(pk__in=wanted.values("pk")).update(
        state=Subscription.State.SUBSCRIBED, changed_at=now
    )

"""What belongs to every change of a choice: the row, its proof, the suppression, waiting mail."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from outbox.addresses import address_hash
from outbox.models import Consent, Delivery, MailingList, Subscription, Suppression
from outbox.readers import address_of

Basis = Consent.Basis
State = Subscription.State


@dataclass(frozen=True)
class Statement:
    """Who said it where, by which words, and when."""

    source: str
    wording: str
    at: datetime
    basis: str = Basis.EXPRESS
    proof: str = ""
    expires_at: datetime | None = None


def switch(row: Subscription, *, given: bool, said: Statement) -> None:
    """Set a locked subscription and keep the proof. An express yes ends an implied one's clock."""
    row.state = State.SUBSCRIBED if given else State.UNSUBSCRIBED
    row.changed_at, row.expires_at = said.at, said.expires_at if given else None
    row.save(update_fields=["state", "changed_at", "expires_at"])
    mark = address_hash(address_of(row))
    record_consent(row.mailing_list, mark, given=given, said=said, subscription=row)
    if given:
        lift(row.mailing_list, [mark, *_earlier_marks(row)], now=said.at)
    else:
        suppress(row.mailing_list, mark, now=said.at)
        drop_waiting(row, now=said.at)


def record_consent(
    mailing_list: MailingList,
    mark: str,
    *,
    given: bool,
    said: Statement,
    subscription: Subscription | None,
) -> None:
    Consent.objects.create(
        subscription=subscription,
        mailing_list=mailing_list,
        address_hash=mark,
        given=given,
        basis=said.basis,
        wording=said.wording,
        source=said.source,
        proof=said.proof,
        at=said.at,
        expires_at=said.expires_at,
    )


def _earlier_marks(row: Subscription) -> list[str]:
    """The hashes of addresses that this same reader had before."""
    return list(row.consents.order_by().values_list("address_hash", flat=True).distinct())


def suppress(mailing_list: MailingList, mark: str, *, now: datetime) -> bool:
    """Keep a no beyond subscription and account (CASL-6). True if it is new."""
    if in_force(mailing_list, mark):
        return False
    row = Suppression(
        address_hash=mark,
        scope=mailing_list.public_id,
        cause=Suppression.Cause.UNSUBSCRIBED,
        at=now,
    )
    Suppression.objects.bulk_create([row], ignore_conflicts=True)
    return True


def in_force(mailing_list: MailingList, mark: str) -> bool:
    return Suppression.objects.filter(
        address_hash=mark, scope=mailing_list.public_id, lifted_at__isnull=True
    ).exists()


def lift(mailing_list: MailingList, marks: list[str], *, now: datetime) -> None:
    """An express yes to one list takes back the no to that list, and nothing else."""
    rows = Suppression.objects.filter(address_hash__in=marks, scope=mailing_list.public_id)
    rows.filter(lifted_at__isnull=True).update(lifted_at=now)


def drop_waiting(row: Subscription, *, now: datetime) -> None:
    """Mail that was queued and has not left goes nowhere."""
    waiting = Delivery.objects.waiting().filter(mailing_list=row.mailing_list)
    mine = Q(person=row.person_id) if row.person_id else Q(person=None, address=row.address)
    waiting.filter(mine).update(state=Delivery.State.SKIPPED, reason="unsubscribed", ended_at=now)

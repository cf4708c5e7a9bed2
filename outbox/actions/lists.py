from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from outbox.actions.consents import Statement, record_consent, suppress, switch
from outbox.models import Delivery, MailingList, Subscription
from outbox.readers import Reader, address_of, same_reader
from outbox.wordings import BOXES, BY_LINK

State = Subscription.State


def ensure_mailing_lists(*, scope: str, sender_name: str) -> None:
    """The lists of a community, made once. Safe to repeat; a new sender name is taken over."""
    MailingList.objects.bulk_create(
        [MailingList(scope=scope, kind=kind, sender_name=sender_name) for kind in MailingList.Kind],
        ignore_conflicts=True,
    )
    MailingList.objects.filter(scope=scope).update(sender_name=sender_name)


def find_mailing_list(scope: str, kind: str) -> MailingList:
    return MailingList.objects.get(scope=scope, kind=kind)


@transaction.atomic
def update_subscriptions(
    *,
    scope: str,
    kinds: Collection[str],
    source: str,
    now: datetime,
    person: Any = None,  # noqa: ANN401
    address: str = "",
    offered: Collection[str] | None = None,
    wording: str = BOXES,
) -> None:
    """Make these, and only these, lists of a community the choice of a person or an address.

    A list never chosen gets no row at all: an unticked box means never. `offered`: the lists that
    stood on the form; the others stay as they are.
    """
    reader = Reader(person, address)
    said = Statement(source, wording, now)
    lists = MailingList.objects.filter(scope=scope)
    if offered is not None:
        lists = lists.filter(kind__in=offered)
    for mailing_list in lists.order_by("pk"):
        choose(reader, mailing_list, given=mailing_list.kind in kinds, said=said)


def choose(
    reader: Reader, mailing_list: MailingList, *, given: bool, said: Statement
) -> Subscription | None:
    """One list, in the caller's transaction. Writes nothing where nothing changes."""
    row = _locked(reader, mailing_list, make=given, now=said.at)
    if row is None or _is_on(row, said.at) == given:
        return row
    if given:
        switch(row, given=True, said=said)
        return row
    # The same mailbox may be known as an account and as an address: a no holds for both.
    for twin in {row, *_on(same_reader(mailing_list, reader.email))}:
        switch(twin, given=False, said=said)
    return row


def _is_on(row: Subscription, now: datetime) -> bool:
    return row.state == State.SUBSCRIBED and (row.expires_at is None or row.expires_at > now)


def _on(rows: Any) -> list[Subscription]:  # noqa: ANN401  a QuerySet
    """Those in force, locked."""
    found = rows.filter(state=State.SUBSCRIBED).select_related("mailing_list", "person")
    return list(found.select_for_update(of=("self",)).order_by("pk"))


def _locked(
    reader: Reader, mailing_list: MailingList, *, make: bool, now: datetime
) -> Subscription | None:
    """The subscription under a lock. A second tap at the same moment waits here for the first."""
    key = reader.key | {"mailing_list": mailing_list}
    if make:
        pause = reader.subscriptions(mailing_list.scope).aggregate(until=Max("paused_until"))
        Subscription.objects.get_or_create(
            **key,
            defaults={"state": State.PENDING, "changed_at": now, "paused_until": pause["until"]},
        )
    row = Subscription.objects.select_for_update().filter(**key).first()
    if row is not None:
        row.mailing_list = mailing_list
    return row


@transaction.atomic
def unsubscribe_subscription(*, subscription: Subscription, source: str, now: datetime) -> bool:
    """End one subscription. True if it was still on; repeating it changes nothing.

    Takes effect at once, for mail already queued too (CASL-5). Whoever has everything in the
    weekly digest and stops it wants silence, not each mail on its own again.
    """
    row = _row(subscription)
    # Where bounces suspended it, a no counts too: it must not come back with the address.
    was_on = row.state in (State.SUBSCRIBED, State.BOUNCED)
    said = Statement(source, BY_LINK, now)
    rows = _on(same_reader(row.mailing_list, address_of(row)))
    if was_on:
        rows = [row, *(twin for twin in rows if twin != row)]
    if row.mailing_list.kind == MailingList.Kind.WEEKLY_DIGEST:
        rows += _on(_folded(row))
    for one in rows:
        switch(one, given=False, said=said)
    return was_on


@transaction.atomic
def resubscribe(*, subscription: Subscription, source: str, now: datetime) -> bool:
    """Take an unsubscribing back, by the same person on the same page."""
    row = _row(subscription)
    if row.state == State.SUBSCRIBED:
        return False
    rows = [row]
    if row.mailing_list.kind == MailingList.Kind.WEEKLY_DIGEST:
        together = _folded(row).filter(state=State.UNSUBSCRIBED, changed_at=row.changed_at)
        rows += together.select_related("mailing_list", "person")
    for one in rows:
        switch(one, given=True, said=Statement(source, BY_LINK, now))
    return True


def _row(subscription: Subscription) -> Subscription:
    rows = Subscription.objects.select_for_update(of=("self",))
    return rows.select_related("mailing_list", "person").get(pk=subscription.pk)


def _folded(digest: Subscription) -> Any:  # noqa: ANN401  a QuerySet
    """The lists that this reader gets inside the weekly digest only."""
    rows = Reader.of(digest).subscriptions(digest.mailing_list.scope)
    return rows.filter(in_digest=True).exclude(pk=digest.pk)


@transaction.atomic
def unsubscribe_address(
    *, mailing_list: MailingList, address_hash: str, source: str, now: datetime
) -> bool:
    """A no from an old mail, where its account is gone: kept all the same. True if it is new.

    Whoever came back since then under the same address is taken off too.
    """
    since = Subscription.objects.filter(mailing_list=mailing_list)
    since = since.filter(consents__address_hash=address_hash, state=State.SUBSCRIBED)
    for row in since.distinct():
        unsubscribe_subscription(subscription=row, source=source, now=now)
    if not suppress(mailing_list, address_hash, now=now):
        return False
    said = Statement(source, BY_LINK, now)
    record_consent(mailing_list, address_hash, given=False, said=said, subscription=None)
    return True


@transaction.atomic
def withdraw_all(*, person: Any, scope: str, source: str, now: datetime) -> None:  # noqa: ANN401
    """End all mail of one community to one person, queued mail included (MB3)."""
    update_subscriptions(person=person, scope=scope, kinds=(), source=source, now=now)
    waiting = Delivery.objects.waiting().filter(person=person, scope=scope)
    waiting.exclude(purpose="security").update(
        state=Delivery.State.CANCELLED, reason="left the community", ended_at=now
    )

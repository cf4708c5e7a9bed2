from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from outbox.addresses import address_hash
from outbox.models import Consent, Delivery, MailingList, Subscription

# The words beside the tick boxes. A new wording is a new version (CASL-1).
WORDING = "2026-11"


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
    person: Any,  # noqa: ANN401
    scope: str,
    kinds: Collection[str],
    source: str,
    now: datetime,
) -> None:
    """Make these, and only these, lists of a community the person's choice.

    A list never chosen gets no row at all: an unticked box means never.
    """
    for mailing_list in MailingList.objects.filter(scope=scope):
        wanted = mailing_list.kind in kinds
        row = (
            Subscription.objects.select_for_update()
            .filter(mailing_list=mailing_list, person=person)
            .first()
        )
        is_on = row is not None and row.state == Subscription.State.SUBSCRIBED
        if wanted == is_on:
            continue
        _set(row, mailing_list, person=person, given=wanted, source=source, now=now)


def _set(
    row: Subscription | None,
    mailing_list: MailingList,
    *,
    person: Any,  # noqa: ANN401
    given: bool,
    source: str,
    now: datetime,
) -> None:
    state = Subscription.State.SUBSCRIBED if given else Subscription.State.UNSUBSCRIBED
    if row is None:
        row, _ = Subscription.objects.update_or_create(
            mailing_list=mailing_list, person=person, defaults={"state": state, "changed_at": now}
        )
    else:
        row.state, row.changed_at = state, now
        row.save(update_fields=["state", "changed_at"])
    Consent.objects.create(
        subscription=row,
        mailing_list=mailing_list,
        address_hash=address_hash(row.person.email if row.person_id else row.address),
        given=given,
        wording=WORDING,
        source=source,
        at=now,
    )
    if not given:
        _drop_waiting(mailing_list, row, now=now)


def _drop_waiting(mailing_list: MailingList, row: Subscription, *, now: datetime) -> None:
    waiting = Delivery.objects.waiting().filter(mailing_list=mailing_list)
    mine = (
        waiting.filter(person=row.person_id)
        if row.person_id
        else waiting.filter(person=None, address=row.address)
    )
    mine.update(state=Delivery.State.SKIPPED, reason="unsubscribed", ended_at=now)


@transaction.atomic
def unsubscribe_subscription(*, subscription: Subscription, source: str, now: datetime) -> bool:
    """End one subscription. True if it was still on; repeating it changes nothing.

    Takes effect at once, for mail already queued too (CASL-5).
    """
    return _switch(subscription, given=False, source=source, now=now)


@transaction.atomic
def resubscribe(*, subscription: Subscription, source: str, now: datetime) -> bool:
    """Take an unsubscribing back, by the same person on the same page."""
    return _switch(subscription, given=True, source=source, now=now)


def _switch(subscription: Subscription, *, given: bool, source: str, now: datetime) -> bool:
    row = (
        Subscription.objects.select_for_update()
        .select_related("mailing_list")
        .get(pk=subscription.pk)
    )
    if (row.state == Subscription.State.SUBSCRIBED) == given:
        return False
    _set(row, row.mailing_list, person=row.person, given=given, source=source, now=now)
    return True


@transaction.atomic
def withdraw_all(*, person: Any, scope: str, source: str, now: datetime) -> None:  # noqa: ANN401
    """End all mail of one community to one person, queued mail included (MB3)."""
    update_subscriptions(person=person, scope=scope, kinds=(), source=source, now=now)
    waiting = Delivery.objects.waiting().filter(person=person, scope=scope)
    waiting.exclude(purpose="security").update(
        state=Delivery.State.CANCELLED, reason="left the community", ended_at=now
    )

"""The newsletter for people without an account: nothing leaves before they confirm (double opt-in).

Whoever asks for an address gets the same answer whether we know it or not.
"""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from cop.core.mail import render_email
from outbox.actions.consents import Statement, switch
from outbox.actions.lists import choose
from outbox.actions.queue import queue_email
from outbox.addresses import address_hash
from outbox.links import confirm_url
from outbox.models import MailingList, Purpose, Subscription
from outbox.readers import Reader, person_with
from outbox.wordings import SIGNED_UP

State = Subscription.State
CONFIRM_DAYS = 7
SOURCE = "double opt-in"
# Beside our own pages: a form on the page of somebody else, a code on a poster.
PLACES = ("embed", "qr")


@transaction.atomic
def request_subscription(
    *,
    mailing_list: MailingList,
    address: str,
    language: str,
    frame: dict[str, Any],
    now: datetime,
    reply_to: str = "",
    place: str = "",
) -> None:
    """Mail a link that confirms; at most one an hour to each address and list.

    `frame`: who sends, from which postal address, and why (CASL-4). `place`: one of PLACES, where
    the address was typed; the proof of the consent will say it.
    """
    person = person_with(address)
    who = person.public_id if person else _pending(mailing_list, address, now).pk
    link = confirm_url([who, mailing_list.public_id, *([place] if place in PLACES else [])])
    # There is nothing to choose or to stop yet.
    words = {**frame, "choices_url": "", "unsubscribe_url": ""}
    words |= {"confirm_url": link, "has_account": person is not None}
    queue_email(
        key=f"confirm_subscription:{mailing_list.public_id}:{address_hash(address)}:{now:%Y%m%d%H}",
        kind="confirm_subscription",
        purpose=Purpose.TRANSACTIONAL,
        email=render_email("outbox/email/confirm_subscription", words, language=language),
        # By its address alone: staff must not see here that it has an account.
        address=address,
        scope=mailing_list.scope,
        expires_at=now + timedelta(days=CONFIRM_DAYS),
        reply_to=reply_to,
        sender_name=mailing_list.sender_name,
    )


def _pending(mailing_list: MailingList, address: str, now: datetime) -> Subscription:
    row, is_new = Subscription.objects.get_or_create(
        mailing_list=mailing_list,
        person=None,
        address=address,
        defaults={"state": State.PENDING, "changed_at": now},
    )
    if not is_new:
        Subscription.objects.filter(pk=row.pk, state=State.PENDING).update(changed_at=now)
    return row


def find_asker(payload: Any) -> tuple[Reader, MailingList] | None:  # noqa: ANN401  JSON of the link
    """Whose link it is and for which list, or None where that is gone by now."""
    who, public_id, *_place = payload
    mailing_list = MailingList.objects.filter(public_id=public_id).first()
    if mailing_list is None:
        return None
    if isinstance(who, str):
        person = get_user_model().objects.filter(public_id=who, is_active=True).first()
        return (Reader(person), mailing_list) if person else None
    row = Subscription.objects.filter(pk=who, mailing_list=mailing_list, person=None).first()
    return (Reader(address=row.address), mailing_list) if row else None


def source_of(payload: Any) -> str:  # noqa: ANN401
    """What the proof says about where it came from."""
    place = payload[2] if len(payload) > 2 else ""
    return f"{SOURCE}, {place}" if place in PLACES else SOURCE


def subscribed(reader: Reader, mailing_list: MailingList) -> Subscription | None:
    """The choice of this reader where the list is on by their own word, else None."""
    owner = reader.person or person_with(reader.address)
    reader = Reader(owner) if owner is not None else reader
    rows = Subscription.objects.filter(
        **reader.key, mailing_list=mailing_list, state=State.SUBSCRIBED, expires_at=None
    )
    return rows.select_related("person", "mailing_list").first()


@transaction.atomic
def confirm_subscription(
    *, reader: Reader, mailing_list: MailingList, now: datetime, source: str = SOURCE
) -> Subscription:
    """The yes counts from now on. Repeating it changes nothing. `source`: see source_of.

    An address that got an account in the meantime is subscribed there.
    """
    owner = reader.person or person_with(reader.address)
    if owner is not None and reader.person is None:
        Subscription.objects.filter(
            mailing_list=mailing_list, person=None, address=reader.address, state=State.PENDING
        ).delete()
        reader = Reader(owner)
    said = Statement(source, SIGNED_UP, now)
    row = choose(reader, mailing_list, given=True, said=said)
    if row.expires_at is not None:
        switch(row, given=True, said=said)
    return row


def purge_pending(*, now: datetime) -> int:
    """Forget the addresses that never confirmed. Returns how many."""
    old = now - timedelta(days=CONFIRM_DAYS)
    rows = Subscription.objects.filter(state=State.PENDING, changed_at__lt=old)
    return rows.delete()[0]

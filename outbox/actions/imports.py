"""Addresses that a community brings along: implied consent, with its proof and its end (CASL-3)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parseaddr
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from cop.core import audit
from outbox.actions.consents import Basis, Statement, record_consent
from outbox.addresses import address_hash, sendable_address
from outbox.models import MailingList, Subscription, Suppression
from outbox.wordings import IMPORTED

State = Subscription.State
IMPLIED_DAYS = 730


class Outcome(models.TextChoices):
    ADDED = "added", _("Added")
    LONGER = "longer", _("Was on the list; may now stay longer")
    ALREADY = "already", _("Is on the list already")
    ACCOUNT = "account", _("Has an account: their own choice counts")
    REFUSED = "refused", _("Left alone: this address asked us to stop, or mail to it comes back")
    TWICE = "twice", _("Stands here twice")
    WRONG = "wrong", _("Not an e-mail address")


@dataclass(frozen=True)
class Line:
    """What became of one pasted line."""

    text: str
    outcome: Outcome


def implied_until(ended_on: date) -> datetime:
    """Two years after the relation ended, and not a day more."""
    return datetime.combine(ended_on + timedelta(days=IMPLIED_DAYS), time(), UTC)


@transaction.atomic
def import_addresses(
    *,
    mailing_list: MailingList,
    lines: Iterable[str],
    proof: str,
    ended_on: date,
    by: Any,  # noqa: ANN401
    now: datetime,
) -> list[Line]:
    """Put addresses on a list for as long as their relation allows. Says what became of each."""
    texts = [piece for line in lines for piece in _pieces(line)]
    known = _known(mailing_list, [one for one in map(_address, texts) if one])
    said = Statement("import", IMPORTED, now, Basis.IMPLIED, proof, implied_until(ended_on))
    done: list[Line] = []
    seen: set[str] = set()
    for text in texts:
        address = _address(text)
        if not address or address in seen:
            outcome = Outcome.TWICE if address else Outcome.WRONG
        else:
            outcome = known.refusal(address) or _take(mailing_list, address, known, said)
        seen.add(address)
        done.append(Line(address or text[:120], outcome))
    added = sum(line.outcome in (Outcome.ADDED, Outcome.LONGER) for line in done)
    audit.record(
        "addresses_imported", mailing_list, by=by, scope=mailing_list.scope,
        new=str(added), reason=proof,
    )  # fmt: skip
    return done


def _pieces(line: str) -> list[str]:
    """One address each, also where somebody put several on a line."""
    parts = [part.strip() for part in re.split(r"[,;\t]", line)]
    pieces = [
        piece
        for part in parts
        for piece in (part.split() if part.count("@") > 1 and "<" not in part else [part])
    ]
    return [piece for piece in pieces if piece]


def _address(text: str) -> str:
    """The address of a line like `Bea Stone <bea@house.example>`; empty where there is none."""
    address = parseaddr(text)[1].lower()
    try:
        validate_email(address)
        sendable_address(address)
    except (ValidationError, ValueError):
        return ""
    return address


@dataclass(frozen=True)
class _Known:
    accounts: set[str]
    suppressed: set[str]
    rows: dict[str, Subscription]

    def refusal(self, address: str) -> Outcome | None:
        if address in self.accounts:
            return Outcome.ACCOUNT
        if address_hash(address) in self.suppressed:
            return Outcome.REFUSED
        row = self.rows.get(address)
        if row is None or row.state in (State.PENDING, State.SUBSCRIBED):
            return None
        return Outcome.REFUSED


def _known(mailing_list: MailingList, addresses: list[str]) -> _Known:
    """What we know of all these addresses, in three questions."""
    people = get_user_model().objects.filter(email__in=addresses)
    suppressed = Suppression.objects.filter(
        address_hash__in=[address_hash(one) for one in addresses],
        scope__in=["all", mailing_list.public_id],
        lifted_at__isnull=True,
    )
    rows = Subscription.objects.select_for_update().filter(
        mailing_list=mailing_list, person=None, address__in=addresses
    )
    return _Known(
        accounts={email.lower() for email in people.values_list("email", flat=True)},
        suppressed=set(suppressed.values_list("address_hash", flat=True)),
        rows={row.address.lower(): row for row in rows},
    )


def _take(mailing_list: MailingList, address: str, known: _Known, said: Statement) -> Outcome:
    row = known.rows.get(address)
    if row is None:
        row, is_new = Subscription.objects.get_or_create(
            mailing_list=mailing_list,
            person=None,
            address=address,
            defaults={
                "state": State.SUBSCRIBED, "changed_at": said.at, "expires_at": said.expires_at,
            },
        )  # fmt: skip
        if not is_new:
            return Outcome.ALREADY
        outcome = Outcome.ADDED
    else:
        outcome = _extend(row, said)
    if outcome != Outcome.ALREADY:
        mark = address_hash(address)
        record_consent(mailing_list, mark, given=True, said=said, subscription=row)
    return outcome


def _extend(row: Subscription, said: Statement) -> Outcome:
    """An express consent has no end, and a longer one is not cut short."""
    was_on = row.state == State.SUBSCRIBED
    if was_on and (row.expires_at is None or row.expires_at >= said.expires_at):
        return Outcome.ALREADY
    row.state, row.changed_at, row.expires_at = State.SUBSCRIBED, said.at, said.expires_at
    row.save(update_fields=["state", "changed_at", "expires_at"])
    return Outcome.LONGER if was_on else Outcome.ADDED

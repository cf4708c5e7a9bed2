"""What shows that an address may be written to, or why it is not: for one who asks us to prove it.

By the keyed hash of the address, so that it also finds what outlives an erased account (CASL-6).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from outbox.addresses import address_hash
from outbox.models import Consent, Subscription, Suppression
from outbox.wordings import WORDINGS


@dataclass(frozen=True)
class ProofLine:
    """One thing that was said or happened, at an instant (UTC)."""

    at: datetime
    listing: str
    what: str
    source: str
    words: str = ""
    proof: str = ""
    until: datetime | None = None


def proof_for(address: str, scopes: Collection[str]) -> list[ProofLine]:
    """All we know about consent of this address in these communities, the oldest first."""
    mark = address_hash(address)
    consents = Consent.objects.filter(address_hash=mark, mailing_list__scope__in=scopes)
    lines = [_consent(row) for row in consents.select_related("mailing_list")]
    names = {row.mailing_list.public_id: str(row.mailing_list) for row in consents.select_related(
        "mailing_list"
    )}  # fmt: skip
    for row in Suppression.objects.filter(address_hash=mark, scope__in=["all", *names]):
        lines.append(_suppression(row, names))
    return sorted(lines, key=lambda line: line.at)


def _consent(row: Consent) -> ProofLine:
    yes, no = _("Said yes"), _("Said no")
    if row.given and row.basis == Consent.Basis.IMPLIED:
        yes = _("Implied consent, with proof")
    return ProofLine(
        at=row.at,
        listing=str(row.mailing_list),
        what=yes if row.given else no,
        source=row.source,
        words=_words(row.wording),
        proof=row.proof,
        until=row.expires_at,
    )


def _words(version: str) -> str:
    """The very words of that version, where they were words of ours."""
    texts = " / ".join(str(text) for text in WORDINGS.get(version, ()))
    return f"{version}: {texts}" if texts else version


def _suppression(row: Suppression, names: dict[str, str]) -> ProofLine:
    lifted = _("lifted again") if row.lifted_at else _("in force")
    return ProofLine(
        at=row.at,
        listing=names.get(row.scope, _("all mail but security")),
        what=f"{_('Not to be written to')}: {row.get_cause_display()} ({lifted})",
        source=row.evidence,
        until=row.lifted_at,
    )


def state_of(address: str, scopes: Collection[str]) -> list[Subscription]:
    """The present choices of the address, of an account or without one."""
    rows = Subscription.objects.filter(mailing_list__scope__in=scopes).select_related(
        "mailing_list"
    )
    own = rows.filter(person__email=address) | rows.filter(person=None, address=address)
    return list(own.order_by("mailing_list__sender_name", "mailing_list__kind", "pk"))

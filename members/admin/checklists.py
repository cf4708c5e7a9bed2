"""What to compare, for each piece of evidence that waits: the criterion beside the claim."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from members.admin.decision_form import day_proposed
from members.doubts import question_about
from members.models import Criterion, Evidence, EvidenceKind

GOOD, WAIT, BAD = "good", "wait", "bad"


@dataclass(frozen=True)
class Check:
    """One criterion, with what was sent for it where something was."""

    criterion: Criterion
    evidence: Evidence | None
    links: list[tuple[str, str]]
    kinds: list[str]
    sent_as: str
    is_kind_taken: bool
    is_issuer_known: bool
    has_doubt: bool
    period: str
    period_tone: str


def checks_of(rows: Sequence[Evidence], criteria: Sequence[Criterion], today: date) -> list[Check]:
    """One for each evidence that waits; without any, one for each way to qualify."""
    if rows:
        return [_check(row.criterion, row, today) for row in rows]
    return [_check(criterion, None, today) for criterion in criteria]


def _check(criterion: Criterion, row: Evidence | None, today: date) -> Check:
    addresses = [criterion.check_url, *criterion.check_links, row.register_url if row else ""]
    taken = criterion.accepted_kinds
    period, tone = say_period(row, today) if row else ("", "")
    return Check(
        criterion=criterion,
        evidence=row,
        links=[(one, urlsplit(one).hostname or one) for one in dict.fromkeys(addresses) if one],
        kinds=[str(EvidenceKind(kind).label) for kind in taken],
        sent_as=row.get_kind_display() if row else "",
        is_kind_taken=row is None or not taken or row.kind in taken,
        is_issuer_known=_is_issuer_known(criterion, row),
        has_doubt=bool(row and question_about(criterion, row.reference)),
        period=period,
        period_tone=tone,
    )


def _is_issuer_known(criterion: Criterion, row: Evidence | None) -> bool:
    if row is None or not row.issuer or not criterion.issuers:
        return True
    return row.issuer.casefold() in {name.casefold() for name in criterion.issuers}


def say_period(row: Evidence, today: date) -> tuple[str, str]:
    """The period on the paper beside today, and how it looks."""
    start, last = row.valid_from, row.valid_to
    if last and last < today:
        return _("It ended on %(day)s.") % {"day": _day(last)}, BAD
    if start and start > today:
        return _("It begins on %(day)s: it does not count yet.") % {"day": _day(start)}, WAIT
    if last:
        return _("It covers today, until %(day)s.") % {"day": _day(last)}, GOOD
    by_rule = _("No last day was given. By the rule it holds until %(day)s.")
    return by_rule % {"day": _day(day_proposed(row, today))}, WAIT


def _day(day: date) -> str:
    return date_format(day, "j F Y")

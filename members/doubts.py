"""Soft checks of what people type: a question, never a refusal."""

import re

from django.utils.translation import gettext as _

from cop.core.text import localized
from members.models import Criterion

# S-0012345, S0012345 or S 45678; and 12345 6789 RR 0001, the number of a charity.
SOCIETY = re.compile(r"\bS[\s.-]*\d{4,7}\b", re.IGNORECASE)
CHARITY = re.compile(r"\b(\d[\s-]*){9}R[RC](\b|[\s-]*\d{4}\b)", re.IGNORECASE)
# BC1234567, the number of a company, and the words that come before such numbers.
COMPANY = re.compile(r"\bBC[\s.-]*\d{7}\b", re.IGNORECASE)
NAMED = re.compile(
    r"\b(society|societies act|charity|charitable|incorporation|société"
    r"|organisme de bienfaisance)\W+"
    r"(registration\W+)?(number|no|nr|numéro|#)?\W*\d",
    re.IGNORECASE,
)


def looks_like_society_number(text: str) -> bool:
    return any(pattern.search(text) for pattern in (SOCIETY, CHARITY, COMPANY, NAMED))


def question_about(criterion: Criterion, reference: str) -> str:
    """What to ask back about this reference, or nothing."""
    if criterion.doubt != Criterion.Doubt.SOCIETY_NUMBER:
        return ""
    if not looks_like_society_number(reference):
        return ""
    question = _(
        "This looks like the number of a society, a charity or a company. What we need is: "
        "“%(label)s”."
    ) % {"label": localized(criterion, "reference_label")}
    examples = localized(criterion, "examples").split("\n")
    example = _("For example: %(example)s.") % {"example": examples[0].strip().rstrip(".")}
    advice = _("Change it, or send it once more as it is: then a person looks at it.")
    return " ".join([question, *([example] if examples[0].strip() else []), advice])

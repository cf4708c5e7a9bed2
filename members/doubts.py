"""Soft checks of what people type: a question, never a refusal."""

import re

from django.utils.translation import gettext as _

from cop.core.text import localized
from members.models import Criterion

# S-0012345, S0012345 or S 45678; and 12345 6789 RR 0001, the number of a charity.
SOCIETY = re.compile(r"\bS[\s.-]*\d{4,7}\b", re.IGNORECASE)
CHARITY = re.compile(r"\b(\d[\s-]*){9}R[RC](\b|[\s-]*\d{4}\b)", re.IGNORECASE)
NAMED = re.compile(
    r"\b(society|societies act|charity|charitable|société|organisme de bienfaisance)\W+"
    r"(registration\W+)?(number|no|nr|numéro|#)?\W*\d",
    re.IGNORECASE,
)


def looks_like_society_number(text: str) -> bool:
    return any(pattern.search(text) for pattern in (SOCIETY, CHARITY, NAMED))


def question_about(criterion: Criterion, reference: str) -> str:
    """What to ask back about this reference, or nothing."""
    if criterion.doubt != Criterion.Doubt.SOCIETY_NUMBER or not looks_like_society_number(
        reference
    ):
        return ""
    issuers = criterion.issuers
    if len(issuers) == 1:
        question = _("Is this the %(issuer)s?") % {"issuer": issuers[0]}
    else:
        question = _("Does it show “%(label)s”?") % {"label": localized(criterion, "label")}
    hint = _(
        "It looks like a society or charity number, and that is something else. Change it, or "
        "send it once more as it is: then a person looks at it."
    )
    return f"{question} {hint}"

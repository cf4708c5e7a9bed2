"""Words to begin with, for each reason, in the applicant's language; the reviewer edits them.

The mail itself names the reasons, the last day, and what would change a no. These words add what
to do now, and where.
"""

from collections.abc import Sequence

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.mail import one_line
from cop.core.text import localized
from members.admin.decision_form import ASK, DECLINE
from members.models import MembershipApplication
from members.reasons import CONTAINS_CLIENT_INFO, DeclineReason, InfoReason

WORDS: dict[str, str | Promise] = {
    "WRONG_REGISTRATION_TYPE": gettext_lazy(
        "What counts here: %(ways)s. A photo of the certificate or of the letter is enough. It "
        "often hangs in the house, near the door."
    ),
    "NAME_MISMATCH": gettext_lazy(
        "Under which name does the house stand in the public listing? Write it as it stands "
        "there. If the name has changed, tell us the old one too."
    ),
    "ADDRESS_MISMATCH": gettext_lazy(
        "Please write the address as it stands on the paper. If you have moved, tell us since "
        "when, and send the paper with the new address. Only reviewers read it."
    ),
    "CLASS_MISMATCH": gettext_lazy(
        "Please tell us which service the house offers, and send the paper that names it. If "
        "there are two houses, tell us which one it is about."
    ),
    "EXPIRED": gettext_lazy(
        "If you have asked for the renewal and wait for it, send the letter or the mail that says "
        "so."
    ),
    "NO_PERIOD": gettext_lazy(
        "Please send the page that names the first and the last day. Cover the dollar figures."
    ),
    "UNREADABLE": gettext_lazy(
        "Lay the page flat near a window and take the photo from above. You can do it with your "
        "phone, on the page of your application."
    ),
    "PER_DIEM_ONLY": gettext_lazy(
        "What we look for is an agreement between your organization and a funder about the "
        "service: the funding letter, or the first page and the one with the signatures. Cover "
        "the dollar figures."
    ),
    CONTAINS_CLIENT_INFO: gettext_lazy(
        "We do not want to keep names of people who live with you. Cover them with a strip of "
        "paper before you take the photo."
    ),
    "NEED_AFFILIATION": gettext_lazy(
        "Who at %(organization)s can tell us that you work or volunteer there? Send us the name "
        "and the work address of that person."
    ),
    "NOT_IN_BC": gettext_lazy(
        "The rules and the funders differ from place to place, and members compare their notes. "
        "There may be a group like this one where you are."
    ),
    "NOT_A_SERVICE_PROVIDER": gettext_lazy(
        "Members speak openly about their own houses here. That is easier among people who do the "
        "same work."
    ),
    "NO_CRITERION_MET": gettext_lazy(
        "We compared what you sent with each way to qualify: %(ways)s. This says nothing about the "
        "quality of your work."
    ),
    "UNVERIFIABLE": gettext_lazy(
        "We looked where we can look and did not find it. That does not mean that it is not so."
    ),
    "EVIDENCE_ENDED": gettext_lazy("Once the new paper is there, apply again."),
    "NO_AFFILIATION": gettext_lazy(
        "We need a word of the organization itself, so that nobody can speak for a house without "
        "its knowing."
    ),
    "DUPLICATE": gettext_lazy("You need to do nothing: the other one stays as it is."),
    "COHORT_FULL": gettext_lazy("This is about places alone, not about you or your work."),
    # Over conduct there are no ready words: the reviewer writes all of them.
}
CODES = {ASK: list(InfoReason.values), DECLINE: list(DeclineReason.values)}


def letter_parts(application: MembershipApplication) -> dict[str, dict[str, str]]:
    """Decision -> code -> words. Under the empty code stands what closes the letter."""
    with translation.override(application.person.language):
        facts = _facts(application)
        parts = {
            decision: {code: str(WORDS[code]) % facts for code in codes if code in WORDS}
            for decision, codes in CODES.items()
        }
        parts[ASK][""] = _closing(application)
        return parts


def letter_words(application: MembershipApplication, decision: str, codes: Sequence[str]) -> str:
    """The whole of it for these reasons; nothing where no reason has words."""
    parts = letter_parts(application).get(decision, {})
    words = [parts[code] for code in codes if parts.get(code)]
    closing = parts.get("")
    return "\n\n".join([*words, closing] if words and closing else words)


def _facts(application: MembershipApplication) -> dict[str, str]:
    rows = application.community.criteria.filter(is_active=True).order_by("position", "pk")
    ways = ", ".join(localized(row, "label") for row in rows)
    organization = application.organization
    return {
        "ways": ways or _("what the page of the community names"),
        "organization": one_line(organization.name) if organization else _("your organization"),
    }


def _closing(application: MembershipApplication) -> str:
    contact = application.community.contact_email
    if not contact:
        return _("Until we have decided, you are welcome as a guest at one open meeting.")
    return _(
        "Are you stuck? Write to %(contact)s, and a person answers. Until we have decided, you are "
        "welcome as a guest at one open meeting."
    ) % {"contact": contact}

"""Why we ask for more, or say no: one code for the count, one sentence for the person (AM4)."""

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CONTAINS_CLIENT_INFO = "CONTAINS_CLIENT_INFO"


class InfoReason(models.TextChoices):
    WRONG_REGISTRATION_TYPE = "WRONG_REGISTRATION_TYPE", _("Society or charity number")
    NAME_MISMATCH = "NAME_MISMATCH", _("Name differs")
    ADDRESS_MISMATCH = "ADDRESS_MISMATCH", _("Address differs")
    CLASS_MISMATCH = "CLASS_MISMATCH", _("Another class of service")
    EXPIRED = "EXPIRED", _("Out of date")
    NO_PERIOD = "NO_PERIOD", _("No period")
    UNREADABLE = "UNREADABLE", _("Cannot be read")
    PER_DIEM_ONLY = "PER_DIEM_ONLY", _("Per-diem payments only")
    CONTAINS_CLIENT_INFO = CONTAINS_CLIENT_INFO, _("Shows client information")
    NEED_AFFILIATION = "NEED_AFFILIATION", _("Link to the organization is open")


class DeclineReason(models.TextChoices):
    NOT_IN_BC = "NOT_IN_BC", _("Not in British Columbia")
    NOT_A_SERVICE_PROVIDER = "NOT_A_SERVICE_PROVIDER", _("Not a service provider")
    NO_CRITERION_MET = "NO_CRITERION_MET", _("No criterion met")
    UNVERIFIABLE = "UNVERIFIABLE", _("Could not be checked")
    EVIDENCE_ENDED = "EVIDENCE_ENDED", _("Evidence has ended")
    NO_AFFILIATION = "NO_AFFILIATION", _("No link to the organization")
    DUPLICATE = "DUPLICATE", _("Sent twice")
    CONDUCT = "CONDUCT", _("Conduct")
    COHORT_FULL = "COHORT_FULL", _("This group is full")


SENTENCES: dict[str, str | Promise] = {
    "WRONG_REGISTRATION_TYPE": _(
        "The number you gave is a society or charity number. What counts is a registration or "
        "licence of the house itself."
    ),
    "NAME_MISMATCH": _("The name you gave is not the name in the public listing."),
    "ADDRESS_MISMATCH": _("The address you gave is not the address in the public listing."),
    "CLASS_MISMATCH": _("The listing shows another class of service than the one we ask for."),
    "EXPIRED": _("The paper you sent is out of date. Please send the current one."),
    "NO_PERIOD": _("We cannot see from when until when it holds."),
    "UNREADABLE": _("We could not read the file. A photo of one page, in good light, is enough."),
    "PER_DIEM_ONLY": _(
        "Per-diem payments for single residents are not a funding agreement for the service."
    ),
    CONTAINS_CLIENT_INFO: _(
        "The file showed information about clients, so we deleted it at once. Please cover names "
        "and dollar figures and send it again."
    ),
    "NEED_AFFILIATION": _("We could not confirm yet that you work or volunteer there."),
    "NOT_IN_BC": _("This community is for services in British Columbia."),
    "NOT_A_SERVICE_PROVIDER": _("Members of this community work for a service provider."),
    "NO_CRITERION_MET": _("None of the ways to qualify is met at this time."),
    "UNVERIFIABLE": _("We could not check what you sent with the office that issued it."),
    "EVIDENCE_ENDED": _("The licence, registration or funding has ended."),
    "NO_AFFILIATION": _("We could not confirm that you work or volunteer there."),
    "DUPLICATE": _("You already have another application or membership here."),
    "CONDUCT": _("It does not fit the participation agreement."),
    "COHORT_FULL": _("All places of this group are taken."),
}

# What would turn a no into a yes (AM4).
WOULD_CHANGE: dict[str, str | Promise] = {
    "NOT_IN_BC": _("A house or centre of yours in British Columbia."),
    "NOT_A_SERVICE_PROVIDER": _("Work, paid or not, with a service that houses or treats people."),
    "NO_CRITERION_MET": _(
        "A registration, licence, accreditation or funding agreement. If one is on its way, send "
        "the letter that says so."
    ),
    "UNVERIFIABLE": _("A paper that names an office which we can ask, or a public listing."),
    "EVIDENCE_ENDED": _("The renewal, or a new paper that holds today."),
    "NO_AFFILIATION": _("A word from somebody who speaks for the organization."),
    "COHORT_FULL": _("A free place: write to us, and we tell you when the next group begins."),
}


def say_what_would_change(codes: list[str]) -> list[str]:
    return [str(WOULD_CHANGE[code]) for code in codes if code in WOULD_CHANGE]


def say_reasons(codes: list[str]) -> list[str]:
    return [str(SENTENCES[code]) for code in codes if code in SENTENCES]

"""A first text for the reviewer who asks for more: what helps, where it is found, by when.

The mail says what is missing (members.reasons); this says what to do about it. The reviewer edits.
"""

from collections.abc import Sequence
from datetime import date

from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import Criterion, MembershipApplication
from members.reasons import InfoReason

HELP: dict[str, str | Promise] = {
    InfoReason.WRONG_REGISTRATION_TYPE: gettext_lazy(
        "Please send the registration or licence of the house itself: its name or number as it "
        "stands in the public listing, or a photo of the certificate. A society or charity number "
        "stays the same whatever a house does, so it does not help here."
    ),
    InfoReason.NAME_MISMATCH: gettext_lazy(
        "Please tell us the name under which the house is listed, and how it belongs to the name "
        "you gave: a legal name, a former name, or another society."
    ),
    InfoReason.ADDRESS_MISMATCH: gettext_lazy(
        "Please tell us whether the house has moved, or whether another house is meant. If the "
        "address is not public, say so: we keep it to ourselves."
    ),
    InfoReason.CLASS_MISMATCH: gettext_lazy(
        "Please send what shows the class of service: it stands on the certificate, mostly on the "
        "first page."
    ),
    InfoReason.EXPIRED: gettext_lazy(
        "Please send the current one. If the renewal is on its way, the letter that confirms it "
        "is enough for now."
    ),
    InfoReason.NO_PERIOD: gettext_lazy(
        "Please send the page with the first and the last day. It is often the first page or the "
        "one with the signatures."
    ),
    InfoReason.UNREADABLE: gettext_lazy(
        "Please take the photo again: one page, flat, near a window, all four corners in the "
        "picture. A PDF works too."
    ),
    InfoReason.PER_DIEM_ONLY: gettext_lazy(
        "Please send the first and last page of an agreement with a funder for the service, or a "
        "letter of the funder that names the service and the period. Cover dollar figures."
    ),
    InfoReason.CONTAINS_CLIENT_INFO: gettext_lazy(
        "Please cover every name and number of a client before you take the photo, and send only "
        "the page that we need."
    ),
    InfoReason.NEED_AFFILIATION: gettext_lazy(
        "Please ask somebody who speaks for the organization to answer our mail, or write to us "
        "from your work address there."
    ),
}


def draft_request(
    application: MembershipApplication, codes: Sequence[str], *, answer_by: date
) -> str:
    """In the language of the applicant; empty codes give the frame alone."""
    with translation.override(application.person.language):
        parts = [str(HELP[code]) for code in codes if code in HELP]
        parts += [*_where_to_look(application), _whom_to_call(application)]
        parts.append(_what_now(application, answer_by))
        return "\n\n".join(part for part in parts if part)


def _where_to_look(application: MembershipApplication) -> list[str]:
    criterion = _criterion(application)
    if criterion is None:
        return []
    links = [link for link in (criterion.check_url, *criterion.check_links) if link]
    found = []
    if links:
        found.append(_("You can look it up here:") + "\n" + "\n".join(links))
    if criterion.issuers:
        offices = ", ".join(criterion.issuers)
        found.append(_("These offices issue it and can help: %(offices)s.") % {"offices": offices})
    return found


def _criterion(application: MembershipApplication) -> Criterion | None:
    rows = application.evidence.select_related("criterion").order_by("-submitted_at", "-pk")
    row = rows.first()
    return row.criterion if row else None


def _whom_to_call(application: MembershipApplication) -> str:
    address = application.community.contact_email
    if not address:
        return _("If anything is unclear, answer this mail: a person reads it.")
    return _("If anything is unclear, write to %(address)s: a person reads it.") % {
        "address": address
    }


def _what_now(application: MembershipApplication, answer_by: date) -> str:
    return _(
        "There is time until %(day)s. Meanwhile the public part of our library is open to you. If "
        "you would like to come to one open meeting as a guest, tell us."
    ) % {"day": date_format(answer_by, "j F Y")}

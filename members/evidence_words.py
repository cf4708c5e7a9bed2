"""How a piece of evidence stands, in a sentence for the people of the organization."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.models import Evidence
from members.queries import EVIDENCE_GRACE
from members.reasons import say_reasons

State = Evidence.State
BADGES = {
    State.VERIFIED: ("good", "check-circle"),
    State.EXPIRING: ("wait", "clock"),
    State.UNDER_CHALLENGE: ("wait", "question-circle"),
    State.SUBMITTED: ("info", "inbox"),
    State.DOUBTFUL: ("info", "question-circle"),
    State.EXPIRED: ("bad", "clock"),
    State.REJECTED: ("bad", "x-circle"),
    State.REVOKED: ("bad", "x-circle"),
}


def say_evidence(row: Evidence, today: date) -> str:
    """The days count, whether or not the nightly look has been by."""
    if row.state in Evidence.UNCHECKED_STATES:
        return _("A reviewer looks at it next.")
    if row.state == State.REJECTED:
        return " ".join([_("It does not show what it should."), *say_reasons([row.reason_code])])
    if row.state == State.SUPERSEDED:
        return _("A newer one took its place.")
    if row.state == State.REVOKED:
        return _("It does not count any more.")
    if row.state == State.EXPIRED or (row.valid_to and row.valid_to < today):
        return _say_ended(row)
    if row.state == State.UNDER_CHALLENGE:
        return _("A reviewer looks at it again. Until then it counts.")
    if row.valid_to is None:
        return _("It holds.")
    return _say_holds(row.valid_to, today)


def _say_holds(last: date, today: date) -> str:
    days = (last - today).days
    words = {"day": date_format(last, "j F Y"), "days": days}
    if days > 60:
        return _("It holds until %(day)s.") % words
    return (
        ngettext(
            "It holds until %(day)s, %(days)d more day. Send the new one as soon as you have it.",
            "It holds until %(day)s, %(days)d more days. Send the new one as soon as you have it.",
            days,
        )
        % words
    )


def _say_ended(row: Evidence) -> str:
    if row.valid_to is None:
        return _("It has ended. Send the new one.")
    return _(
        "It ended on %(day)s. Your people keep their places until %(grace)s: send the new one "
        "before that day."
    ) % {
        "day": date_format(row.valid_to, "j F Y"),
        "grace": date_format(row.valid_to + EVIDENCE_GRACE, "j F Y"),
    }

"""What announcing sends: the mail itself, how many get it, and why others do not."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cop.core.mail import Email
from meetings.emails.invitations import invitation
from meetings.models import Meeting
from meetings.queries.invitees import BOUNCES, DIGEST, NONE, PAUSED, InvitationCount, count_invited
from members.mailing import CHOICES_MARK, UNSUBSCRIBE_MARK

# The mail is a document of its own: no script, no form, no link that leads anywhere.
MAIL_POLICY = (
    "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
WHY: dict[str, str | Promise] = {
    DIGEST: _("It stands in their weekly digest"),
    PAUSED: _("They paused their mail"),
    NONE: _("They want no invitations"),
    BOUNCES: _("Their address does not work"),
}


def announcing(meeting: Meeting, request: HttpRequest) -> dict[str, Any]:
    """For the page that asks once more."""
    count = count_invited(meeting)
    email = preview(meeting, request)
    return {
        "invited": count,
        "told": say_invited(count),
        "excluded": [(number, WHY.get(why, why)) for why, number in sorted(count.excluded.items())],
        "mail": email,
        "mail_text": _without_links_of_theirs(email.text),
    }


def say_invited(count: InvitationCount) -> str:
    members = ngettext("%(n)d member", "%(n)d members", count.members) % {"n": count.members}
    if not count.allies:
        return members
    allies = ngettext("%(n)d ally", "%(n)d allies", count.allies) % {"n": count.allies}
    return f"{members} + {allies}"


def preview(meeting: Meeting, request: HttpRequest) -> Email:
    """As the one who looks would get it, in their language and on their clock."""
    return invitation(meeting, request.user).email


def preview_page(meeting: Meeting, request: HttpRequest) -> HttpResponse:
    """The HTML part, for the frame on the page."""
    html = preview(meeting, request).html
    return HttpResponse(html, headers={"Content-Security-Policy": MAIL_POLICY})


def _without_links_of_theirs(text: str) -> str:
    """Each mail gets links of its own there."""
    for mark in (CHOICES_MARK, UNSUBSCRIBE_MARK):
        text = text.replace(mark, str(_("(a link for each reader)")))
    return text

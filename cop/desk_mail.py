"""The kinds of e-mail in words, for the list of outgoing mail at the desk."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.mailing import CHOICES_MARK, UNSUBSCRIBE_MARK

KINDS: dict[str, str | Promise] = {
    "application_received": _("Application received"),
    "information_requested": _("Asked for more"),
    "welcome": _("Welcome"),
    "declined": _("Application declined"),
    "rsvp_confirmed": _("Answer to a meeting"),
    "promoted": _("A seat came free"),
    "reminder_day_before": _("Reminder, the day before"),
    "reminder_link": _("Reminder with the link"),
    "changed": _("Meeting changed"),
    "cancelled": _("Meeting cancelled"),
    "resource_published": _("Resource in the library"),
    "resource_returned": _("Resource sent back"),
    "newsletter": _("Newsletter"),
    "newsletter_test": _("Test of a newsletter"),
    "newsletter_draft_ready": _("Newsletter to look through"),
}
WHY: dict[str, str | Promise] = {
    "meeting cancelled": _("The meeting was cancelled."),
    "meeting changed": _("The meeting was changed; a newer mail tells."),
    "taken back": _("It was taken back."),
    "unsubscribed": _("They stopped this kind of mail."),
    "left the community": _("They left the community."),
    "possible repeat": _("It may have left twice."),
    "too late to be useful": _("It was too late to be of use."),
    "cancelled": _("It was taken back."),
    "account closed": _("They closed their account."),
    "not subscribed": _("They did not ask for it."),
    "address suppressed": _("Their address refuses our mail."),
    "the server did not answer": _("The mail server did not answer."),
    "refused": _("The mail server refused it."),
    "not built": _("The mail could not be made."),
}


def say_kind(kind: str) -> str:
    return str(KINDS.get(kind) or kind.replace("_", " ").capitalize())


def say_why(reason: str) -> str:
    return str(WHY.get(reason, reason))


def without_marks(text: str, words: str) -> str:
    """Personal links are filled in when a mail leaves; nobody else sees them."""
    for mark in (CHOICES_MARK, UNSUBSCRIBE_MARK):
        text = text.replace(mark, words)
    return text

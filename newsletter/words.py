"""Why somebody did not get an issue, in a few words each, for the pages of one sending."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# When the list was frozen (newsletter.recipients), or in the moment of sending (outbox).
LEFT_OUT: dict[str, str | Promise] = {
    "unsubscribed": _("Stopped it"),
    "bounced": _("Their address refuses our mail"),
    "unconfirmed": _("Have not confirmed yet"),
    "closed": _("Closed their account"),
    "ended": _("Their consent has ended"),
    "paused": _("Made a pause"),
    "in_digest": _("Read it in their weekly digest"),
    "not_asked": _("Belong to the community and never ticked it"),
    "left the community": _("Left the community"),
    "over budget": _("Had two mails that week already"),
    "cancelled": _("The rest was stopped"),
}
# The outbox has its own words for the same reasons.
SAME = {
    "not subscribed": "unsubscribed",
    "address suppressed": "bounced",
    "account closed": "closed",
    "consent ended": "ended",
    "paused by the person": "paused",
    "in the weekly digest": "in_digest",
    "moved to the digest": "in_digest",
}
FAILURES: dict[str, str | Promise] = {
    "bad address": _("There is no such address"),
    "mailbox full": _("Their mailbox is full"),
    "the server did not take it for two days": _("The mail server did not take it for two days"),
    "refused": _("The mail server refused it"),
    "policy": _("Refused because of how this site sends"),
    "not built": _("The mail could not be made"),
    "the server did not answer": _("The mail server did not say whether it took it"),
    "left as it is": _("It may have arrived"),
}
CAUSES: dict[str, str | Promise] = {
    "hard": _("There is no such address"),
    "soft": _("Mailbox full, or not taken for now"),
    "refused": _("The mail server refused it"),
    "ours": _("Our fault: whoever runs the site should look"),
}
PAUSES: dict[str, str | Promise] = {
    "held by staff": _("Somebody of the team paused it."),
    "policy": _(
        "The mail server refuses our mail because of how this site sends. Whoever runs the site "
        "should look before you go on."
    ),
    "too many failures": _("Too many mails failed, so it paused by itself. Look at them first."),
}


def merged(left_out: Mapping[str, int]) -> dict[str, int]:
    """One number for each reason, whichever of the two words it was noted with."""
    found: dict[str, int] = {}
    for reason, n in left_out.items():
        name = SAME.get(reason, reason)
        found[name] = found.get(name, 0) + n
    return found


def say_left_out(left_out: Mapping[str, int]) -> list[tuple[str, int]]:
    """The most frequent first."""
    counted = sorted(merged(left_out).items(), key=lambda pair: (-pair[1], pair[0]))
    return [(str(LEFT_OUT.get(reason, reason)), n) for reason, n in counted if n]


def say_failures(failures: Mapping[str, int]) -> list[tuple[str, int]]:
    counted = sorted(failures.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(str(FAILURES.get(reason, reason)), n) for reason, n in counted if n]

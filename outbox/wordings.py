"""The words by which people agree to mail, word for word. A new wording is a new version (CASL-1).

A version that was ever shown stays here: it is the proof of what somebody agreed to.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from outbox.models import MailingList

Kind = MailingList.Kind
# What each list means to the person who ticks it, in one sentence.
PROMISES: dict[str, str | Promise] = {
    Kind.NEWSLETTER.value: _("Newsletter: every two months, what we did and what comes."),
    Kind.WEEKLY_DIGEST.value: _("Weekly digest: on Tuesdays, only when there is something new."),
    Kind.INVITATIONS.value: _("Meeting invitations: one mail when a meeting gets its date."),
    Kind.BALLOTS.value: _("Votes: one mail when we choose topics together, one on the last day."),
}
SIGN_UP = _(
    "We send the newsletter to this address, and nothing else. Each one has a link that stops it. "
    "First we write to you once, to make sure the address is yours."
)
CONFIRM = _("Yes, send me the newsletter")
FEWER = _("Only one mail a week, with everything in it.")
KEEP = _("Keep it coming")

BOXES, SIGNED_UP, FOLDED, KEPT = "2026-12", "sign-up 2026-11", "fewer 2026-11", "keep 2026-11"
# Before there were votes.
FIRST_BOXES = "2026-11"
BY_LINK, IMPORTED = "link", "import"
WORDINGS: dict[str, list[str | Promise]] = {
    BOXES: list(PROMISES.values()),
    FIRST_BOXES: [words for kind, words in PROMISES.items() if kind != Kind.BALLOTS.value],
    SIGNED_UP: [SIGN_UP, CONFIRM],
    FOLDED: [FEWER, PROMISES[Kind.WEEKLY_DIGEST.value]],
    KEPT: [KEEP],
}

"""What people thought of a meeting: told without a name, once each (2.12, FB1, FB2)."""

import re
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from cop.core.text import fold_words
from meetings.models import Attendance, Feedback, Meeting, TopicProposal
from members.models import User

# The link in the mail of thanks works so long.
TAKEN_FOR = timedelta(days=30)
# Words after which somebody should look soon. Folded; the beginning of a word is enough.
WORRYING = (
    "suicid", "unsafe", "harass", "racis", "assault", "threat", "afraid", "scared", "abus",
    "humiliat", "ashamed", "relaps", "overdos", "complain", "privacy", "confidential", "leak",
    "harcel", "menac", "peur", "honte", "agress", "rechut", "surdos", "plainte", "confidenti",
    "insecur", "humili", "self-harm", "automutil",
)  # fmt: skip
STARTS = re.compile("|".join(re.escape(word) for word in WORRYING))


def asks_for_a_call(*texts: str) -> bool:
    """Does something in these words ask a coordinator to look (FB2)? Rather once too often."""
    return any(STARTS.match(word) for text in texts for word in fold_words(text))


@transaction.atomic
def give_feedback(
    *,
    meeting: Meeting,
    person: User,
    now: datetime,
    worth: int | None = None,
    will_use: str = "",
    use_what: str = "",
    felt_safe: int | None = None,
    change: str = "",
    topic_wish: str = "",
    wants_a_look: bool = False,
) -> None:
    """Keep the answers without the person, and tick off, apart from them, that they answered.

    Raises ActionError for who was not there, a second time, and after thirty days.
    """
    rows = Attendance.objects.select_for_update().filter(
        meeting=meeting, person=person, state__in=Attendance.WAS_THERE
    )
    row = rows.first()
    if row is None:
        raise ActionError(_("Only those who were there are asked about this meeting."))
    if row.gave_feedback:
        raise ActionError(_("You have told us already. Thank you: once is enough."))
    if now < meeting.ends_at:
        raise ActionError(_("Come back when the meeting is over."))
    if now > meeting.ends_at + TAKEN_FOR:
        raise ActionError(_("This was open for thirty days. Write to the coordinator instead."))
    said = {"use_what": use_what.strip(), "change": change.strip()}
    wish = " ".join(topic_wish.split())
    if not any([worth, will_use, felt_safe, wish, *said.values()]):
        raise ActionError(_("Answer at least one question; any one will do."))
    flagged = wants_a_look or asks_for_a_call(*said.values(), wish)
    Feedback.objects.create(
        meeting=meeting, worth=worth, will_use=will_use, felt_safe=felt_safe, is_flagged=flagged,
        **said,
    )  # fmt: skip
    Attendance.objects.filter(pk=row.pk).update(gave_feedback=True)
    if wish:
        # Of the day and not of the minute: the hour could point at somebody.
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        TopicProposal.objects.create(
            community=meeting.community, title=wish[:140], source=TopicProposal.Source.FEEDBACK,
            proposed_at=day, language=meeting.language,
        )  # fmt: skip


@transaction.atomic
def follow_up_feedback(*, feedback: Feedback, by: User) -> None:
    """A coordinator has looked into it."""
    changed = Feedback.objects.filter(pk=feedback.pk, is_flagged=True, is_followed_up=False)
    if changed.update(is_followed_up=True):
        meeting = feedback.meeting
        record("feedback_followed_up", meeting, by=by, scope=meeting.community.public_id)


@transaction.atomic
def flag_feedback(*, feedback: Feedback, by: User) -> None:
    """A coordinator who read it finds that somebody should look into it."""
    if Feedback.objects.filter(pk=feedback.pk, is_flagged=False).update(is_flagged=True):
        meeting = feedback.meeting
        record("feedback_flagged", meeting, by=by, scope=meeting.community.public_id)

"""The kinds of e-mail in words, for the list of outgoing mail at the desk."""

from django.conf import settings
from django.db.models import Case, F, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.mailing import CHOICES_MARK, UNSUBSCRIBE_MARK

KINDS: dict[str, str | Promise] = {
    "application_received": _("Application received"),
    "information_requested": _("Asked for more"),
    "welcome": _("Welcome"),
    "import_welcome": _("On the list of a community"),
    "declined": _("Application declined"),
    "information_reminder": _("Reminder of our question"),
    "application_lapsed": _("Application closed for now"),
    "inquiry_proposed": _("May we ask an office?"),
    "issuer_inquiry": _("Question to an office"),
    "appeal_received": _("We look at it again"),
    "appeal_seat": _("A seat on a panel"),
    "appeal_decided": _("The panel has decided"),
    "appeal_not_in_force": _("A membership that does not begin"),
    "affiliation_check": _("Does this person work with you?"),
    "evidence_expiring": _("A paper ends soon"),
    "evidence_expired": _("A paper has ended"),
    "membership_moved": _("Have you moved?"),
    "membership_grace": _("A paper is out of date"),
    "membership_lapsed": _("Membership lapsed"),
    "membership_suspended": _("Membership on hold"),
    "membership_suspension_ended": _("Hold is over"),
    "membership_removed": _("Membership ended by the team"),
    "renewal_confirm": _("Still there?"),
    "community_closing": _("The community ends"),
    "host_changed": _("A new host"),
    "community_invitation": _("Invitation to a community"),
    "introduction": _("Letter from the directory"),
    "introduction_reply": _("Answer to a letter"),
    "mentor_asked": _("Asked for peer mentorship"),
    "mentorship_began": _("Peer mentorship begins"),
    "mentor_declined": _("Peer mentorship: not now"),
    "mentorship_ended": _("Peer mentorship ended"),
    "mentorship_check_in": _("How is the mentorship going?"),
    "rsvp_confirmed": _("Answer to a meeting"),
    "promoted": _("A seat came free"),
    "reminder_day_before": _("Reminder, the day before"),
    "reminder_link": _("Reminder with the link"),
    "thanks_feedback": _("Thanks, and how was it?"),
    "changed": _("Meeting changed"),
    "changed_clock": _("Calendar entry put right"),
    "cancelled": _("Meeting cancelled"),
    "restored": _("Meeting takes place after all"),
    "link_replaced": _("Join link replaced"),
    "topic_news": _("News about a topic"),
    "role_invitation": _("Asked to take a part"),
    "role_withdrawn": _("Somebody withdrew"),
    "backup_called": _("The backup steps in"),
    "part_news": _("News about a part"),
    "prep_call": _("Preparation call"),
    "prep_call_cancelled": _("Preparation call cancelled"),
    "notes_for_holder": _("Notes to look at"),
    "notes_answered": _("Answer about the notes"),
    "follow_up": _("What happened since?"),
    "materials": _("Materials that were asked for"),
    "resource_published": _("Resource in the library"),
    "resource_returned": _("Resource sent back"),
    "consent_request": _("May we keep it?"),
    "consent_reminder": _("May we keep it? Reminder"),
    "consent_withdrawn": _("Somebody took a yes back"),
    "reviews_due": _("To look at again"),
    "newsletter": _("Newsletter"),
    "newsletter_test": _("Test of a newsletter"),
    "newsletter_may_we": _("May we name you?"),
    "newsletter_name_out": _("A name comes out of the newsletter"),
    "newsletter_draft_ready": _("Newsletter to look through"),
    "newsletter_leaves_by_itself": _("Newsletter that leaves by itself"),
    "newsletter_missed": _("Newsletter that did not leave"),
    "newsletter_report": _("Report of a newsletter"),
    "weekly_digest": _("Weekly digest"),
    "confirm_subscription": _("Is this your address?"),
    "invitation": _("Invitation to a meeting"),
    "nudge": _("Reminder to answer"),
    "ballot_open": _("A vote is open"),
    "ballot_last_day": _("Last day of a vote"),
    "topic_chosen": _("A topic was chosen"),
    "sample": _("Sample for a proof-reader"),
}
WHY: dict[str, str | Promise] = {
    "meeting cancelled": _("The meeting was cancelled."),
    "meeting changed": _("The meeting was changed; a newer mail tells."),
    "answered since": _("They answered meanwhile, with the change before their eyes."),
    "meeting takes place": _("The meeting takes place after all; a newer mail tells."),
    "taken back": _("It was taken back."),
    "cancelled": _("It was taken back."),
    "unsubscribed": _("They stopped this kind of mail."),
    "not subscribed": _("They did not ask for it."),
    "consent ended": _("Their consent had an end date, and it has passed."),
    "paused by the person": _("They paused their mail."),
    "in the weekly digest": _("They chose fewer mails: it stands in their weekly digest."),
    "moved to the digest": _("They had two mails that week: it stands in their weekly digest."),
    "over budget": _("They had two mails that week, and later it was of no use any more."),
    "waits for room": _("They had two mails this week: it goes as soon as there is room."),
    "waits for the morning": _("It is night where they live: it goes in the morning."),
    "left the community": _("They left the community."),
    "account closed": _("They closed their account."),
    "address suppressed": _("Their address refuses our mail."),
    "possible repeat": _("It may have left twice."),
    "unanswered": _("The mail server did not answer: it goes once more."),
    "the server did not answer": _("The mail server did not say whether it took it."),
    "left as it is": _("It may have arrived. Somebody looked at it and left it so."),
    "too late to be useful": _("It was too late to be of use."),
    "held by staff": _("Somebody of the team put it on hold."),
    "stopped by staff": _("Somebody of the team stopped it."),
    "waits for release": _("The time of a meeting was mended. Look at it, then release the mail."),
    "restored copy": _(
        "It waited when this copy of the site was restored. The original may have sent it already."
    ),
    "refused": _("The mail server refused it."),
    "bad address": _("There is no such address."),
    "policy": _(
        "The mail server refused it because of who we are, not because of who they are. "
        "Whoever runs the site should look at this."
    ),
    "too many failures": _("Too many of these mails failed, so the sending stopped by itself."),
    "mailbox full": _("Their mailbox is full."),
    "the server did not take it for two days": _("The mail server did not take it for two days."),
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


def batch_subject() -> Case:
    """The subject of a mail to many, read in the database: the whole text would weigh too much."""
    cases = [
        When(
            language=code,
            then=KeyTextTransform("subject", KeyTransform(code, F("batch__contents"))),
        )
        for code, _name in settings.LANGUAGES
    ]
    return Case(*cases, default=Value(""), output_field=TextField())

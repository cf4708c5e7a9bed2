"""Asking people whether what they are in may be kept, and what they say (L3, L4)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from library.actions.credits import CreditRefused, keep_in_line, lock_credit, record_credit
from library.actions.indexing import reindex
from library.emails import credits as emails
from library.models import Resource, ResourceCredit
from library.queries.credits import (
    SAID_NO,
    can_be_asked,
    covers,
    is_agreed,
    unanswered,
    wider_of,
)
from members.models import User

Consent = ResourceCredit.Consent
# Yes as it was asked, yes without the name, no.
ANSWERS = ("yes", "unnamed", "no")
TAKEN_BACK = gettext_lazy("Somebody in it took back their yes.")
SAID_NO_TO_IT = gettext_lazy("Somebody in it said no.")


@transaction.atomic
def ask_consent(
    *, credit: ResourceCredit, by: User, now: datetime, visibility: str = ""
) -> ResourceCredit:
    """A mail with a signed link. `visibility`: for more readers than it has today (L3)."""
    resource, credit = lock_credit(credit)
    _check_askable(credit)
    wanted = wider_of(visibility or resource.visibility, resource.visibility)
    if is_agreed(credit, wanted):
        return credit
    if credit.consent != Consent.ASKED:
        credit.asked_at = now
    # A yes for fewer readers stays one while a wider one is asked for.
    if credit.consent == Consent.MISSING:
        credit.consent = Consent.ASKED
    credit.save(update_fields=["consent", "asked_at"])
    if emails.queue_request(credit, wanted, now=now):
        record_credit("consent_asked", credit, by=by, new=wanted)
    return credit


def ask_everybody(
    *, resource: Resource, by: User, now: datetime, visibility: str = ""
) -> list[ResourceCredit]:
    """Those whom a mail can reach and who have not said yes to these readers. A no stays a no."""
    wanted = wider_of(visibility or resource.visibility, resource.visibility)
    return [
        ask_consent(credit=credit, by=by, now=now, visibility=wanted)
        for credit in resource.credits.select_related("person").order_by("pk")
        if can_be_asked(credit, wanted)
    ]


@transaction.atomic
def answer_consent(
    *,
    credit: ResourceCredit,
    answer: str,
    now: datetime,
    visibility: str = "",
    by: User | None = None,
) -> ResourceCredit:
    """Their own answer, to the question for these readers. The last word counts; a no always."""
    if answer not in ANSWERS:
        raise CreditRefused(_("Choose one of the answers."))
    if answer == "no":
        return withdraw_consent(credit=credit, now=now, by=by, visibility=visibility)
    resource, credit = lock_credit(credit)
    given = visibility or resource.visibility
    is_named = credit.is_named and answer == "yes"
    if credit.consent == Consent.GIVEN:
        # An old mail asked for fewer: what was given since stands.
        given = wider_of(credit.consent_visibility, given)
        if given == credit.consent_visibility and is_named == credit.is_named:
            return credit
    credit.consent, credit.consent_visibility = Consent.GIVEN, given
    credit.is_named, credit.answered_at = is_named, now
    credit.save(update_fields=["consent", "consent_visibility", "is_named", "answered_at"])
    record_credit("consent_given", credit, by=by or credit.person, new=given)
    reindex(resource)
    return credit


@transaction.atomic
def withdraw_consent(
    *, credit: ResourceCredit, now: datetime, by: User | None = None, visibility: str = ""
) -> ResourceCredit:
    """No, or no more: out of the library at once, and no reason is asked (L4).

    `visibility`: a no to more readers leaves the yes to fewer as it is.
    """
    resource, credit = lock_credit(credit)
    was_given = credit.consent == Consent.GIVEN
    only_wider = was_given and visibility and not covers(credit.consent_visibility, visibility)
    if credit.consent in SAID_NO or only_wider:
        return credit
    credit.consent = Consent.WITHDRAWN if was_given else Consent.REFUSED
    credit.consent_visibility, credit.answered_at = "", now
    credit.save(update_fields=["consent", "consent_visibility", "answered_at"])
    record_credit(f"consent_{credit.consent}", credit, by=by or credit.person)
    reason = TAKEN_BACK if was_given else SAID_NO_TO_IT
    # Without an author's yes only the name goes, and that is done already.
    tells = credit.part in ResourceCredit.RECOGNIZABLE
    keep_in_line(resource, by=None, now=now, reason=reason, tells=tells)
    return credit


@transaction.atomic
def note_consent(*, credit: ResourceCredit, by: User, note: str, now: datetime) -> ResourceCredit:
    """The yes of somebody without an account: a signed form in the binder, and where it is."""
    resource, credit = lock_credit(credit)
    if credit.person is not None and credit.person.is_active:
        raise CreditRefused(
            _("%(name)s has an account here: ask them, so that they answer for themselves.")
            % {"name": credit.who}
        )
    if not note.strip():
        raise CreditRefused(_("Write how they said yes, and where it is kept."))
    credit.consent, credit.consent_note = Consent.GIVEN, note.strip()[:200]
    credit.consent_visibility, credit.answered_at = resource.visibility, now
    credit.save(update_fields=["consent", "consent_note", "consent_visibility", "answered_at"])
    record_credit("consent_noted", credit, by=by, new=resource.visibility)
    reindex(resource)
    return credit


def remind_unanswered(*, now: datetime) -> int:
    """Once, a week after the question. Safe to run twice."""
    waiting = unanswered(now).select_related("person", "resource__community").order_by("pk")
    return sum(
        emails.queue_reminder(credit, now=now)
        for credit in waiting
        if credit.resource.community.is_writing
    )


def _check_askable(credit: ResourceCredit) -> None:
    if credit.person is None:
        raise CreditRefused(
            _("%(name)s has no account. Let them sign a form, and note where it is.")
            % {"name": credit.who}
        )
    if not credit.person.is_active:
        raise CreditRefused(_("Their account is closed, so no mail of ours reaches them."))
    if credit.consent in SAID_NO:
        raise CreditRefused(
            _("%(name)s said no, and we do not ask twice. Their link still takes a yes.")
            % {"name": credit.who}
        )

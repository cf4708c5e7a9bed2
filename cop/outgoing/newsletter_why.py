"""Why an issue did not go to somebody: what they had said about it by the day it left."""

from datetime import datetime

from django.utils.translation import gettext as _

from cop.core.time import say_date
from cop.outgoing.people import Subject
from newsletter.models import NewsletterIssue
from outbox.models import Consent, MailingList, Subscription, Suppression

NEWSLETTER = MailingList.Kind.NEWSLETTER


def why_no_issue(subject: Subject, issue: NewsletterIssue, *, now: datetime) -> str:
    scope, left = issue.community.public_id, issue.sent_at
    day = {"left": say_date(left, subject.zone, now=now)}
    if issue.recipients_then is not None:
        return _("It left before this site kept a list of its mails.")
    last, later = _consents(subject, scope, left)
    if last is None:
        return _never(subject, scope, later, day, now)
    day["day"] = say_date(last.at, subject.zone, now=now)
    if not last.given:
        return _("They had stopped the newsletter on %(day)s.") % day
    if last.expires_at and last.expires_at <= left:
        day["day"] = say_date(last.expires_at, subject.zone, now=now)
        return _("Their consent had an end date, %(day)s, and it had passed.") % day
    barred = _suppression(subject, last, left)
    if barred is not None:
        day["day"] = say_date(barred.at, subject.zone, now=now)
        day["cause"] = barred.get_cause_display()
        return _("Their address was barred since %(day)s: %(cause)s.") % day
    return _about_now(subject, scope, left, now)


def _consents(
    subject: Subject, scope: str, left: datetime
) -> tuple[Consent | None, Consent | None]:
    """The word that counted then, and the newest yes after it."""
    mine = [
        row
        for row in subject.consents
        if row.mailing_list.scope == scope and row.mailing_list.kind == NEWSLETTER
    ]
    last = next((row for row in mine if row.at <= left), None)
    later = next((row for row in mine if row.at > left and row.given), None)
    return last, later


def _never(
    subject: Subject, scope: str, later: Consent | None, day: dict[str, str], now: datetime
) -> str:
    if later is not None:
        day["day"] = say_date(later.at, subject.zone, now=now)
        return _("It left on %(left)s. They asked for the newsletter later, on %(day)s.") % day
    row = subject.subscriptions.get((scope, NEWSLETTER))
    if row is not None and row.state == Subscription.State.PENDING:
        return _("They signed up for the newsletter and never confirmed it by the link we sent.")
    return _("They never asked for the newsletter: an unticked box means no.")


def _suppression(subject: Subject, consent: Consent, left: datetime) -> Suppression | None:
    scopes = ("all", consent.mailing_list.public_id)
    for row in subject.suppressions:
        in_force = row.at <= left and (row.lifted_at is None or row.lifted_at > left)
        if row.scope in scopes and in_force:
            return row
    return None


def _about_now(subject: Subject, scope: str, left: datetime, now: datetime) -> str:
    row = subject.subscriptions.get((scope, NEWSLETTER))
    if row is not None and row.paused_until and row.paused_until > left:
        until = say_date(row.paused_until, subject.zone, now=now)
        return _("They paused their mail until %(day)s.") % {"day": until}
    if subject.person is not None and not subject.person.is_active:
        return _("They closed their account.")
    return _(
        "They had asked for it, and we cannot tell why it did not go. Please tell whoever runs "
        "the site."
    )

"""What somebody gets from a community at this moment: the facts beside the answers."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cop.core.time import say_date
from cop.outgoing.answers import say_day
from cop.outgoing.people import Subject
from members.models import Community, Membership
from outbox.budget import COUNTED, WEEK, WEEK_LIMIT
from outbox.models import Delivery, MailingList, Subscription

State = Subscription.State
# The lists that write to somebody already.
SHOWN = (MailingList.Kind.NEWSLETTER, MailingList.Kind.WEEKLY_DIGEST, MailingList.Kind.INVITATIONS)


@dataclass(frozen=True)
class Standing:
    community: Community
    facts: list[tuple[str, str]]


def read_standing(subject: Subject, *, now: datetime) -> list[Standing]:
    return [
        Standing(community, [_membership(subject, community), *_lists(subject, community, now)])
        for community in subject.communities
    ]


def read_warnings(subject: Subject, *, now: datetime) -> list[str]:
    """What holds for all mail to this subject."""
    said = []
    if subject.person is not None and not subject.person.is_active:
        said.append(_("The account is closed: nothing goes there any more."))
    for row in subject.suppressions:
        if row.scope == "all" and row.lifted_at is None:
            words = {"day": say_date(row.at, subject.zone, now=now), "why": row.get_cause_display()}
            said.append(
                _(
                    "Since %(day)s nothing but sign-in mail goes to this address (%(why)s). They "
                    "can start it again themselves: they sign in and say that the address works."
                )
                % words
            )
    return said + _budget(subject, now)


def _budget(subject: Subject, now: datetime) -> list[str]:
    if subject.person is None:
        return []
    count = Delivery.objects.filter(
        person=subject.person, budgeted=True, state__in=COUNTED, ended_at__gt=now - WEEK
    ).count()
    if count < WEEK_LIMIT:
        return []
    return [
        ngettext(
            "They had %(n)s mail of ours in the last seven days. More would wait, or go into the "
            "digest.",
            "They had %(n)s mails of ours in the last seven days. More would wait, or go into the "
            "digest.",
            count,
        )
        % {"n": count}
    ]


def _membership(subject: Subject, community: Community) -> tuple[str, str]:
    rows = [row for row in subject.memberships if row.community_id == community.pk]
    if not rows:
        return _("Membership"), _("none")
    row = rows[0]
    if row.state in Membership.CURRENT_STATES:
        words = {"what": row.get_category_display(), "day": say_day(row.joined_on)}
        return _("Membership"), _("%(what)s since %(day)s") % words
    if row.ended_on:
        return _("Membership"), _("%(state)s on %(day)s") % {
            "state": row.get_state_display(),
            "day": say_day(row.ended_on),
        }
    return _("Membership"), row.get_state_display()


def _lists(subject: Subject, community: Community, now: datetime) -> list[tuple[str, str]]:
    kinds = SHOWN if subject.person else (MailingList.Kind.NEWSLETTER,)
    return [
        (
            str(kind.label),
            _choice(subject.subscriptions.get((community.public_id, kind)), subject, now),
        )
        for kind in kinds
    ]


def _choice(row: Subscription | None, subject: Subject, now: datetime) -> str:
    if row is None:
        return _("never asked for it")
    day = {"day": say_date(row.changed_at, subject.zone, now=now)}
    if row.state != State.SUBSCRIBED:
        return {
            State.PENDING: _("signed up on %(day)s, not confirmed yet"),
            State.UNSUBSCRIBED: _("stopped on %(day)s"),
            State.BOUNCED: _("suspended since %(day)s: mail came back"),
            State.COMPLAINED: _("ended on %(day)s: marked as spam"),
        }[State(row.state)] % day
    if row.expires_at and row.expires_at <= now:
        return _("consent ended on %(day)s") % {
            "day": say_date(row.expires_at, subject.zone, now=now)
        }
    if row.paused_until and row.paused_until > now:
        until = {"day": say_date(row.paused_until, subject.zone, now=now)}
        return _("paused by them until %(day)s") % until
    if row.in_digest:
        return _("inside the weekly digest, since %(day)s") % day
    return _("gets it, since %(day)s") % day

"""Why there is no mail at all: what the rows of meetings, issues and consents tell about it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, Q
from django.utils.translation import gettext as _

from cop.core.time import before_quiet
from cop.desk_mail import say_kind
from cop.outgoing.answers import Answer, say_day, say_moment
from cop.outgoing.asked_why import Asked
from cop.outgoing.newsletter_why import why_no_issue
from cop.outgoing.people import Subject, was_member
from meetings.actions.reminders import A_DAY, SILENT
from meetings.emails import LINK_BEFORE
from meetings.forecast import reminder_prefix
from meetings.models import Meeting, MeetingChoices, Rsvp
from newsletter.models import NewsletterIssue
from outbox.actions.upkeep import ROW_DAYS
from outbox.models import Delivery, MailHold

RECENT_MEETINGS, COMING_MEETINGS = timedelta(days=14), timedelta(days=8)
RECENT_ISSUES = timedelta(days=100)
# With a word to look for, further back.
LONG_AGO = timedelta(days=400)
MOST = 6
KINDS = ("reminder_day_before", "reminder_link")
ALL_KINDS = (*KINDS, "invitation", "nudge", "thanks_feedback")
State = Rsvp.State


def meetings_for(subject: Subject, words: str, *, now: datetime) -> list[Meeting]:
    rows = Meeting.objects.published().filter(
        community__in=subject.communities, starts_at__lte=now + COMING_MEETINGS
    )
    back = LONG_AGO if words else RECENT_MEETINGS
    rows = rows.filter(starts_at__gt=now - back)
    if words and not _names_a_kind(words, ALL_KINDS):
        rows = rows.filter(Q(title__icontains=words) | Q(public_id=words))
    return list(rows.select_related("community").order_by("-starts_at", "-pk")[:MOST])


def issues_for(subject: Subject, words: str, *, now: datetime) -> list[NewsletterIssue]:
    rows = NewsletterIssue.objects.sent().filter(community__in=subject.communities)
    rows = rows.filter(sent_at__gt=now - (LONG_AGO if words else RECENT_ISSUES))
    if words and not _names_a_kind(words, ("newsletter",)):
        rows = rows.filter(Q(subject__icontains=words) | Q(public_id=words))
    return list(rows.select_related("community").order_by("-sent_at", "-pk")[:MOST])


def _names_a_kind(words: str, kinds: tuple[str, ...]) -> bool:
    return any(words.lower() in say_kind(kind).lower() for kind in kinds)


def absent_answers(
    subject: Subject, meetings: list[Meeting], issues: list[NewsletterIssue], *, now: datetime
) -> Iterator[Answer]:
    """For each meeting and issue that this subject got no mail about: why."""
    if subject.person is not None:
        yield from Reminders(subject, meetings, now).answers()
        yield from Asked(subject, meetings, now).answers()
    told = _told_issues(subject, issues)
    for issue in issues:
        if issue.public_id not in told:
            yield _answer(
                issue.sent_at,
                issue.subject,
                say_kind("newsletter"),
                why_no_issue(subject, issue, now=now),
            )


def _told_issues(subject: Subject, issues: list[NewsletterIssue]) -> set[str]:
    to = {"person": subject.person} if subject.person else {"address": subject.address}
    keys = Delivery.objects.filter(kind="newsletter", **to).values_list("key", flat=True)
    fits = Q(pk=None)
    for issue in issues:
        fits |= Q(key__startswith=f"newsletter:{issue.public_id}:")
    return {key.split(":")[1] for key in keys.filter(fits)}


def _answer(at: datetime, title: str, kind: str, sentence: str) -> Answer:
    return Answer(at=at, title=title, kind=kind, sentence=sentence, badge=_("No mail"))


class Reminders:
    """The reminders of some meetings for one person. Four queries, whatever their number."""

    def __init__(self, subject: Subject, meetings: list[Meeting], now: datetime) -> None:
        self.subject, self.meetings, self.now = subject, meetings, now
        choices = MeetingChoices.objects.filter(person=subject.person, wants_link_mail=False)
        answers = Rsvp.objects.filter(person=subject.person, meeting__in=meetings)
        answers = answers.annotate(no_link_mail=Exists(choices))
        self.rsvps = {row.meeting_id: row for row in answers}
        self.admitted = set(answers.still_admitted().values_list("meeting", flat=True))
        fits = Q(pk=None)
        for meeting in meetings:
            fits |= Q(key__startswith=reminder_prefix(meeting.public_id))
        keys = Delivery.objects.filter(fits, person=subject.person)
        self.told = {(key.split(":")[1], kind) for key, kind in keys.values_list("key", "kind")}
        prefixes = [reminder_prefix(meeting.public_id) for meeting in meetings]
        holds = MailHold.objects.filter(scope__in=subject.scopes, prefix__in=prefixes)
        self.stopped = {
            hold.prefix.split(":")[1]: hold for hold in holds.filter(action=MailHold.Action.CANCEL)
        }

    def answers(self) -> Iterator[Answer]:
        for meeting in self.meetings:
            missing = [kind for kind in KINDS if (meeting.public_id, kind) not in self.told]
            said = [(kind, self._why(meeting, kind)) for kind in missing]
            if len(said) == len(KINDS) and said[0][1] == said[1][1]:
                said = [("", said[0][1])]
            for kind, sentence in said:
                label = say_kind(kind) if kind else _("Both reminders")
                yield _answer(self._moment(meeting, kind), meeting.title, label, sentence)

    def _moment(self, meeting: Meeting, kind: str) -> datetime:
        if kind == "reminder_link":
            return meeting.starts_at - LINK_BEFORE
        return before_quiet(meeting.starts_at - A_DAY, self.subject.person.timezone)

    def _why(self, meeting: Meeting, kind: str) -> str:
        """The first reason that holds, from the plainest to the rarest."""
        rsvp = self.rsvps.get(meeting.pk)
        asks: list[Callable[[], str]] = [
            lambda: self._about_the_meeting(meeting),
            lambda: self._about_the_answer(meeting, rsvp),
            lambda: self._about_the_person(meeting),
            lambda: self._about_the_team(meeting),
            lambda: self._about_the_moment(meeting, kind, rsvp),
        ]
        return next(
            (said for said in (ask() for ask in asks) if said),
            _(
                "It should have left, and we cannot tell why it did not. Please tell whoever runs "
                "the site."
            ),
        )

    def _about_the_meeting(self, meeting: Meeting) -> str:
        if meeting.state == Meeting.State.CANCELLED:
            return _("No mail: the meeting was cancelled.")
        if meeting.starts_at < self.now - timedelta(days=ROW_DAYS):
            return _("That was too long ago: we keep our list of mails for 13 months.")
        return ""

    def _about_the_team(self, meeting: Meeting) -> str:
        if meeting.public_id in self.stopped:
            return _("No mail: somebody of the team stopped the reminders of this meeting.")
        return ""

    def _about_the_answer(self, meeting: Meeting, rsvp: Rsvp | None) -> str:
        if rsvp is None:
            if was_member(self.subject, meeting.community_id, meeting.starts_at) is None:
                return _("No mail: they were not a member then, and did not answer.")
            return _(
                "No mail: they did not answer. Only those who say “I'll be there” are reminded."
            )
        return {
            State.NOT_GOING: _("No mail: they said that they cannot come."),
            State.SEND_MATERIALS: _("No mail: they said that they cannot come."),
            State.WAITLISTED: _("No mail: they were in line for a seat."),
            State.NEEDS_CONFIRMATION: _(
                "No mail: the meeting was moved, and they did not say again that they come."
            ),
        }.get(State(rsvp.state), "")

    def _about_the_person(self, meeting: Meeting) -> str:
        if not self.subject.person.is_active:
            return _("No mail: they closed their account.")
        if meeting.community.status in SILENT:
            return _("No mail: the community is paused, and writes to nobody.")
        if meeting.pk not in self.admitted:
            left = [
                row for row in self.subject.memberships if row.community_id == meeting.community_id
            ]
            if left and left[0].ended_on:
                day = {"day": say_day(left[0].ended_on)}
                return _("No mail: they left the community on %(day)s.") % day
            return _("No mail: this meeting is not open to them any more.")
        return ""

    def _about_the_moment(self, meeting: Meeting, kind: str, rsvp: Rsvp) -> str:
        moment = self._moment(meeting, kind)
        when = {
            "when": say_moment(moment, self.subject.zone, now=self.now),
            "answered": say_moment(rsvp.answered_at, self.subject.zone, now=self.now),
        }
        if kind == "reminder_link" and rsvp.no_link_mail:
            return _("No mail: they chose to get the join link in the mail of the day before.")
        if moment > self.now:
            return _("Not yet: on %(when)s it leaves.") % when
        if rsvp.answered_at > moment:
            return (
                _(
                    "No mail: they answered on %(answered)s, after the reminder was due. The "
                    "mail with their answer told them all of it."
                )
                % when
            )
        if kind != "reminder_link" and meeting.sequence_at and meeting.sequence_at > moment:
            return _("No mail: the meeting was changed after it was due, and that mail told them.")
        return ""

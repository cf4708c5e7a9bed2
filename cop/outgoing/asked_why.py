"""Why somebody got no invitation, no second question and no thanks for one meeting."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from cop.desk_mail import say_kind
from cop.outgoing.answers import Answer, say_day, say_moment
from cop.outgoing.people import Subject
from meetings.actions.invitations import SILENT, invitation_prefix
from meetings.actions.nudges import find_nudges, nudge_prefix, plan_nudge
from meetings.actions.thanks import plan_thanks
from meetings.models import Attendance, Meeting, Rsvp
from meetings.queries.invitees import BOUNCES, NONE, Invitees
from outbox.models import Delivery

COMING = (Rsvp.State.GOING, Rsvp.State.NEEDS_CONFIRMATION)


class Asked:
    """The mails that ask, of some meetings for one person. A few queries, whatever their number."""

    def __init__(self, subject: Subject, meetings: list[Meeting], now: datetime) -> None:
        self.subject, self.now = subject, now
        self.meetings = [one for one in meetings if one.state != Meeting.State.DRAFT]
        self.zone = subject.person.timezone
        mine = {"person": subject.person, "meeting__in": self.meetings}
        self.rsvps = {row.meeting_id: row for row in Rsvp.objects.filter(**mine)}
        rows = Attendance.objects.filter(**mine, state__in=Attendance.WAS_THERE)
        self.came = {row.meeting_id: row for row in rows}
        self.invitees = Invitees({one.community for one in self.meetings}, now=now)
        self.told = self._told()

    def _told(self) -> set[tuple[str, str]]:
        fits = Q(pk=None)
        for one in self.meetings:
            for prefix in (invitation_prefix, nudge_prefix):
                fits |= Q(key__startswith=prefix(one.public_id))
            fits |= Q(key=f"reminder:{one.public_id}:{self.subject.person.pk}:thanks_feedback")
        rows = Delivery.objects.filter(fits, person=self.subject.person)
        return {(key.split(":")[1], kind) for key, kind in rows.values_list("key", "kind")}

    def answers(self) -> Iterator[Answer]:
        for meeting in self.meetings:
            for kind, at, sentence in self._about(meeting):
                if sentence and (meeting.public_id, kind) not in self.told:
                    yield Answer(
                        at=at,
                        title=meeting.title,
                        kind=say_kind(kind),
                        sentence=sentence,
                        badge=_("No mail"),
                    )

    def _about(self, meeting: Meeting) -> Iterator[tuple[str, datetime, str]]:
        if meeting.announced_at is not None:
            yield "invitation", meeting.announced_at, self._why_not_invited(meeting)
        asked_at = plan_nudge(
            starts_at=meeting.starts_at, zone=self.zone, announced_at=meeting.announced_at
        )
        if asked_at is not None and asked_at <= self.now and meeting.pk not in self.rsvps:
            yield "nudge", asked_at, self._why_not_asked_again(meeting)
        thanks_at = plan_thanks(ends_at=meeting.ends_at, zone=self.zone)
        rsvp = self.rsvps.get(meeting.pk)
        if thanks_at <= self.now and (meeting.pk in self.came or (rsvp and rsvp.state in COMING)):
            yield "thanks_feedback", thanks_at, self._why_no_thanks(meeting)

    def _why_not_invited(self, meeting: Meeting) -> str:
        if said := self._about_both(meeting):
            return said
        if meeting.invited_at is None:
            if meeting.starts_at <= self.now:
                return _("No mail: the meeting began before its invitations could leave.")
            return _("Not yet: the invitations to this meeting are leaving now.")
        if meeting.pk in self.rsvps:
            return _("No mail: they answered before the invitations left.")
        when = say_moment(meeting.invited_at, self.subject.zone, now=self.now)
        return _(
            "No mail: the invitations left on %(when)s. Whoever joins, or ticks the box, later "
            "finds the meeting on the site."
        ) % {"when": when}

    def _why_not_asked_again(self, meeting: Meeting) -> str:
        if said := self._about_both(meeting):
            return said
        rows = Meeting.objects.filter(pk=meeting.pk, state=Meeting.State.SCHEDULED)
        here = rows.select_related("community")
        if any(one.person == self.subject.person.pk for one in find_nudges(here, now=self.now)):
            return _("Not yet: it leaves in the next minutes.")
        return _(
            "No mail: only those who came to one of the last four meetings are asked once more."
        )

    def _why_no_thanks(self, meeting: Meeting) -> str:
        came = self.came.get(meeting.pk)
        if meeting.state == Meeting.State.CANCELLED:
            return _("No mail: the meeting was cancelled.")
        if came is None:
            return _("No mail: they are not on the list of those who were there.")
        if came.gave_feedback:
            return _("No mail: they told us how it was already.")
        return self._about_the_person(meeting) or _(
            "No mail: that they were there was noted more than three days later."
        )

    def _about_both(self, meeting: Meeting) -> str:
        if meeting.state == Meeting.State.CANCELLED:
            return _("No mail: the meeting was cancelled.")
        if meeting.kind == Meeting.Kind.WORKING_GROUP:
            return _("No mail: a working group asks its people itself.")
        if said := self._about_the_person(meeting):
            return said
        takes = self.invitees.takes(meeting.community_id, self.subject.person.pk)
        return {
            NONE: _("No mail: they did not tick the box for meeting invitations."),
            BOUNCES: _("No mail: their address refuses our mail."),
        }.get(takes, "")

    def _about_the_person(self, meeting: Meeting) -> str:
        if not self.subject.person.is_active:
            return _("No mail: they closed their account.")
        if meeting.community.status in SILENT:
            return _("No mail: the community is paused, and writes to nobody.")
        if self.subject.person.pk in self.invitees.admitted(meeting):
            return ""
        for row in self.subject.memberships:
            if row.community_id == meeting.community_id and row.ended_on:
                day = {"day": say_day(row.ended_on)}
                return _("No mail: they left the community on %(day)s.") % day
        return _("No mail: this meeting is not open to them any more.")

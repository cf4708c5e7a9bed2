from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from meetings.models.guests import guest_applications
from meetings.models.series import Audience
from members.models import Affiliation, Membership, RoleGrant
from members.models.communities import current_grant


class RsvpQuerySet(models.QuerySet["Rsvp"]):
    def waiting(self) -> Self:
        return self.filter(state=Rsvp.State.WAITLISTED)

    def in_line(self) -> Self:
        """Those who get a freed seat: whoever may not come any more holds nobody up."""
        return self.waiting().still_admitted()

    def involved(self) -> Self:
        return self.filter(state__in=Rsvp.INVOLVED)

    def still_admitted(self) -> Self:
        """Only people whom the audience admits today: the same rule as Meeting.visible_to.

        Who has left the community since the answer, or works for a funder by now, gets no
        join link. Set-based, so that the clock asks it once for all meetings.
        """
        walled = Affiliation.objects.exclude(state="ended").filter(
            person=OuterRef("person"), organization__is_regulator_or_funder=True
        )
        here = {"person": OuterRef("person"), "community": OuterRef("meeting__community")}
        belongs = Membership.objects.filter(state__in=Membership.CURRENT_STATES, **here)
        grants = RoleGrant.objects.filter(current_grant(), **here).exclude(role="evaluator")
        inside = Exists(grants) | Exists(belongs.filter(category="member"))
        # A guest holds one seat at most: `answer_rsvp` gave no other.
        waits = Exists(guest_applications(submitted_at__lte=OuterRef("answered_at"), **here))
        audience = "meeting__audience"
        return self.filter(
            Q(**{audience: Audience.PUBLIC})
            | (~Exists(walled) & Q(inside, **{audience: Audience.MEMBERS_ONLY}))
            | (
                ~Exists(walled)
                & Q(inside | Exists(belongs.filter(category="ally")) | waits)
                & Q(**{audience: Audience.MEMBERS_AND_ALLIES})
            ),
            person__is_active=True,
        )


class Rsvp(models.Model):
    """What a person said about coming. The seat count of the meeting follows it to the letter."""

    class State(models.TextChoices):
        GOING = "going", _("I'll be there")
        WAITLISTED = "waitlisted", _("On the waitlist")
        NOT_GOING = "not_going", _("Can't come")
        SEND_MATERIALS = "send_materials", _("Can't come, send me the materials")
        NEEDS_CONFIRMATION = "needs_confirmation", _("Please answer again")

    # Those who have a seat or may get one: they are told of every change.
    COMING = (State.GOING, State.NEEDS_CONFIRMATION)
    INVOLVED = (*COMING, State.WAITLISTED)

    class Via(models.TextChoices):
        SITE = "site", _("on the site")
        MAIL_LINK = "mail_link", _("by a link in a mail")
        COORDINATOR = "coordinator", _("by a coordinator")
        CALENDAR = "calendar", _("from a calendar")

    meeting = models.ForeignKey("meetings.Meeting", models.CASCADE, related_name="rsvps")
    person = models.ForeignKey("members.User", models.CASCADE, related_name="rsvps")
    state = models.CharField(_("answer"), max_length=20, choices=State)
    # The seats taken are the rows that say so: going, or moved and not yet released (MT5).
    holds_seat = models.BooleanField(default=False)
    wait_ticket = models.PositiveIntegerField(null=True, blank=True)
    answered_via = models.CharField(max_length=12, choices=Via, default=Via.SITE)
    answered_at = models.DateTimeField(_("answered"))
    # For the facilitator alone; wiped some weeks after the meeting.
    access_need = models.CharField(_("what I need to take part"), max_length=300, blank=True)
    # The last answer that came from a calendar: of which change of the meeting, and when it was
    # written there. One that is older says nothing any more (ICS-8).
    reply_sequence = models.PositiveIntegerField(null=True, blank=True, editable=False)
    reply_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Raised by each change, so that each change is told once.
    version = models.PositiveIntegerField(default=1)

    objects = RsvpQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            models.UniqueConstraint(fields=["meeting", "person"], name="rsvp_one_each"),
            models.CheckConstraint(
                condition=Q(state="waitlisted", wait_ticket__isnull=False)
                | (~Q(state="waitlisted") & Q(wait_ticket__isnull=True)),
                name="rsvp_waiting_has_ticket",
            ),
            models.CheckConstraint(
                condition=Q(state="going", holds_seat=True)
                | Q(state="needs_confirmation")
                | Q(state__in=["waitlisted", "not_going", "send_materials"], holds_seat=False),
                name="rsvp_seat_fits_state",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "meeting"], name="rsvp_by_person"),
            models.Index(
                fields=["meeting", "wait_ticket"],
                condition=Q(state="waitlisted"),
                name="rsvp_waiting_line",
            ),
            # The minute's look for those to be wiped.
            models.Index(fields=["meeting"], condition=~Q(access_need=""), name="rsvp_has_need"),
        ]

    def __str__(self) -> str:
        return self.get_state_display()

    @property
    def is_coming(self) -> bool:
        return self.state in self.COMING

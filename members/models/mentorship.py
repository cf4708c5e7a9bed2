from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField


class MentorshipOffer(models.Model):
    """What somebody can give as a peer mentor. Not supervision, not recovery sponsorship (ME3)."""

    public_id = PublicIdField()
    person = models.ForeignKey("members.User", models.CASCADE, related_name="mentor_offers")
    community = models.ForeignKey("members.Community", models.CASCADE, related_name="+")
    topics = models.CharField(_("what about"), max_length=300)
    languages = ArrayField(models.CharField(max_length=40), verbose_name=_("languages"))
    region = models.CharField(_("health region"), max_length=20, blank=True)
    hours_a_month = models.PositiveSmallIntegerField(
        _("hours a month"), default=1, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    # No more than two people at once.
    max_matches = models.PositiveSmallIntegerField(
        _("people at once"), default=1, validators=[MinValueValidator(1), MaxValueValidator(2)]
    )
    is_open = models.BooleanField(_("open"), default=True)
    offered_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("mentor’s offer")
        verbose_name_plural = _("mentors’ offers")
        constraints = [
            models.UniqueConstraint(fields=["community", "person"], name="mentor_offer_once"),
            models.CheckConstraint(condition=Q(max_matches__lte=2), name="mentor_two_at_most"),
        ]

    def __str__(self) -> str:
        return f"{self.person}"


class MentorshipRequest(models.Model):
    """What somebody would like to talk about with a peer mentor."""

    public_id = PublicIdField()
    person = models.ForeignKey("members.User", models.CASCADE, related_name="mentor_requests")
    community = models.ForeignKey("members.Community", models.CASCADE, related_name="+")
    topics = models.CharField(_("what about"), max_length=300)
    languages = ArrayField(models.CharField(max_length=40), verbose_name=_("languages"))
    region = models.CharField(_("health region"), max_length=20, blank=True)
    is_open = models.BooleanField(_("open"), default=True)
    asked_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("wish for a mentor")
        verbose_name_plural = _("wishes for a mentor")
        constraints = [
            models.UniqueConstraint(
                fields=["community", "person"],
                condition=Q(is_open=True),
                name="mentor_request_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}"


class MentorshipMatch(models.Model):
    """Two people, six months, by their own will (ME1 to ME3)."""

    class State(models.TextChoices):
        SUGGESTED = "suggested", _("Suggested")
        ACTIVE = "active", _("Active")
        COMPLETED = "completed", _("Completed")
        ENDED = "ended", _("Ended")

    CURRENT_STATES = (State.SUGGESTED, State.ACTIVE)

    public_id = PublicIdField()
    community = models.ForeignKey("members.Community", models.CASCADE, related_name="matches")
    offer = models.ForeignKey(MentorshipOffer, models.CASCADE, related_name="matches")
    request = models.ForeignKey(MentorshipRequest, models.CASCADE, related_name="matches")
    mentor = models.ForeignKey("members.User", models.CASCADE, related_name="mentors_in")
    mentee = models.ForeignKey("members.User", models.CASCADE, related_name="mentored_in")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.SUGGESTED)
    suggested_at = models.DateTimeField(_("suggested"))
    mentor_accepted_at = models.DateTimeField(null=True, blank=True)
    mentee_accepted_at = models.DateTimeField(null=True, blank=True)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    goals = models.TextField(_("what we want to do"), blank=True)

    class Meta:
        verbose_name = _("peer mentorship")
        verbose_name_plural = _("peer mentorships")
        constraints = [
            models.UniqueConstraint(
                fields=["mentor", "mentee"],
                condition=Q(state__in=["suggested", "active"]),
                name="match_once",
            ),
            models.CheckConstraint(condition=~Q(mentor=F("mentee")), name="match_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.mentor}, {self.mentee}"


class MentorshipCheckIn(models.Model):
    """Week two, month three and the end: a short mail, and three answers if somebody wants help."""

    class Kind(models.TextChoices):
        WEEK_2 = "week_2", _("After two weeks")
        MONTH_3 = "month_3", _("After three months")
        END = "end", _("At the end")

    match = models.ForeignKey(MentorshipMatch, models.CASCADE, related_name="check_ins")
    person = models.ForeignKey("members.User", models.CASCADE, related_name="+")
    kind = models.CharField(_("which"), max_length=8, choices=Kind)
    due_on = models.DateField(_("due"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    wants_talk = models.BooleanField(_("would like to talk with the coordinator"), default=False)
    words = models.TextField(_("for the coordinator"), blank=True)

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        constraints = [
            models.UniqueConstraint(fields=["match", "person", "kind"], name="check_in_once")
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

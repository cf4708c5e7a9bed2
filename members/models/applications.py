from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField


class MembershipApplication(models.Model):
    """A request to join a community, decided on the evidence of the organization."""

    class ApplyingAs(models.TextChoices):
        PROVIDER = "provider", _("I work or volunteer for a service provider")
        ALLY_GOVERNMENT = "ally_government", _("I work in government or for a funder")
        ALLY_RESEARCHER = "ally_researcher", _("I do research or teach")
        ALLY_PEER = "ally_peer", _("I come from a peer network")
        ALLY_OTHER = "ally_other", _("I come from somewhere else")
        INDIVIDUAL = "individual", _("I come for myself, without an organization")

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("Received")
        IN_REVIEW = "in_review", _("Being looked at")
        INFO_REQUESTED = "info_requested", _("Waiting for your answer")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        LAPSED = "lapsed", _("Lapsed")
        APPEALED = "appealed", _("Appealed")
        APPEAL_UPHELD = "appeal_upheld", _("Appeal upheld")
        APPEAL_DISMISSED = "appeal_dismissed", _("Appeal dismissed")

    OPEN_STATES = (State.SUBMITTED, State.IN_REVIEW, State.INFO_REQUESTED)

    public_id = PublicIdField()
    community = models.ForeignKey("members.Community", models.CASCADE, related_name="applications")
    person = models.ForeignKey("members.User", models.CASCADE, related_name="applications")
    applying_as = models.CharField(
        _("applying as"), max_length=20, choices=ApplyingAs, default=ApplyingAs.PROVIDER
    )
    organization = models.ForeignKey(
        "members.Organization",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="applications",
        verbose_name=_("organization"),
    )
    agreement = models.ForeignKey(
        "members.ParticipationAgreement", models.PROTECT, null=True, related_name="+"
    )
    motivation = models.TextField(_("what brings you here"), blank=True)
    heard_from = models.CharField(_("heard of it from"), max_length=120, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.SUBMITTED)
    # Approved by the rule, without a person (AM1); one in ten is looked at later.
    is_automatic = models.BooleanField(_("approved by the rule"), default=False)
    submitted_at = models.DateTimeField(_("received"))
    due_on = models.DateField(_("first answer due"))
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reviewer"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    reason_codes = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    message = models.TextField(_("message to the applicant"), blank=True)
    answer = models.TextField(_("answer of the applicant"), blank=True)
    # A reviewer has taken it on, or has laid it aside until a day: the clock of AM2 waits.
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("taken by"),
    )
    claimed_at = models.DateTimeField(_("taken"), null=True, blank=True)
    held_until = models.DateField(_("on hold until"), null=True, blank=True)
    hold_reason = models.CharField(_("why on hold"), max_length=200, blank=True)
    # Until when the applicant may answer, open it again after it lapsed, or appeal.
    answer_by = models.DateField(_("answer until"), null=True, blank=True)
    appeal_by = models.DateField(_("appeal until"), null=True, blank=True)
    internal_note = models.TextField(_("note among reviewers"), blank=True)
    # Raised by each change: two reviewers at once, one wins.
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        constraints = [
            models.UniqueConstraint(
                fields=["community", "person"],
                condition=Q(state__in=["submitted", "in_review", "info_requested"]),
                name="application_one_open",
            ),
            models.CheckConstraint(
                condition=Q(organization__isnull=False) | Q(applying_as="individual"),
                name="application_names_organization",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True)
                | ~Q(state__in=["submitted", "in_review", "info_requested"]),
                name="application_open_has_no_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.organization}" if self.organization else f"{self.person}"

    def get_absolute_url(self) -> str:
        return reverse("members:application_detail", args=[self.public_id])

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN_STATES

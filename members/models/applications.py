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

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("Received")
        IN_REVIEW = "in_review", _("Being looked at")
        INFO_REQUESTED = "info_requested", _("Waiting for your answer")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        LAPSED = "lapsed", _("Lapsed")

    OPEN_STATES = (State.SUBMITTED, State.IN_REVIEW, State.INFO_REQUESTED)

    public_id = PublicIdField()
    community = models.ForeignKey("members.Community", models.CASCADE, related_name="applications")
    person = models.ForeignKey("members.User", models.CASCADE, related_name="applications")
    applying_as = models.CharField(
        _("applying as"), max_length=20, choices=ApplyingAs, default=ApplyingAs.PROVIDER
    )
    organization = models.ForeignKey(
        "members.Organization", models.PROTECT, related_name="applications"
    )
    agreement = models.ForeignKey(
        "members.ParticipationAgreement", models.PROTECT, null=True, related_name="+"
    )
    motivation = models.TextField(_("what brings you here"), blank=True)
    state = models.CharField(_("state"), max_length=15, choices=State, default=State.SUBMITTED)
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
                condition=Q(decided_at__isnull=True)
                | ~Q(state__in=["submitted", "in_review", "info_requested"]),
                name="application_open_has_no_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.organization}"

    def get_absolute_url(self) -> str:
        return reverse("members:application_detail", args=[self.public_id])

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN_STATES

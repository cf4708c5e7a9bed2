from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField
from cop.core.scan import ScanState
from members.files import appeal_path


class Appeal(models.Model):
    """A second look at a decline, by people who had no part in it (AP1, AP2)."""

    class Ground(models.TextChoices):
        NEW_EVIDENCE = "new_evidence", _("I have something new to show")
        ERROR_OF_FACT = "error_of_fact", _("Something was understood wrongly")
        PROCESS = "process", _("The way it was decided was not right")
        POLICY_QUESTION = "policy_question", _("The rule itself is the trouble")

    class State(models.TextChoices):
        OPEN = "open", _("Being looked at")
        UPHELD = "upheld", _("Upheld")
        DISMISSED = "dismissed", _("Dismissed")
        RETURNED = "returned", _("Returned for a new review")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    public_id = PublicIdField()
    application = models.ForeignKey(
        "members.MembershipApplication", models.CASCADE, related_name="appeals"
    )
    ground = models.CharField(_("ground"), max_length=20, choices=Ground)
    text = models.TextField(_("in your words"))
    # Whom the applicant would not like to see on the panel: its people are left out (AP1).
    competitor = models.ForeignKey(
        "members.Organization", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField(_("opened"))
    due_on = models.DateField(_("decision due"))
    reasons = models.TextField(_("reasons"), blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    # From which day on an upheld appeal makes a member.
    effective_on = models.DateField(_("in force from"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=models.Q(state="open"), name="appeal_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.application}"


class AppealFile(models.Model):
    """A paper that came with an appeal: for its panel and the one who sent it (E7)."""

    public_id = PublicIdField()
    appeal = models.ForeignKey(Appeal, models.CASCADE, related_name="files")
    document = models.FileField(_("document"), upload_to=appeal_path, blank=True)
    document_name = models.CharField(_("file name"), max_length=160, blank=True)
    scan_state = models.CharField(max_length=10, choices=ScanState, default=ScanState.OFF)
    purged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("paper of an appeal")
        verbose_name_plural = _("papers of appeals")

    def __str__(self) -> str:
        return self.document_name


class AppealSeat(models.Model):
    """One person's place on the panel of an appeal, and what they said."""

    class Vote(models.TextChoices):
        UPHOLD = "uphold", _("Uphold: the decline was not right")
        DISMISS = "dismiss", _("Dismiss: the decline stands")
        RETURN = "return", _("Return it for a new review")

    appeal = models.ForeignKey(Appeal, models.CASCADE, related_name="seats")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="appeal_seats"
    )
    seated_at = models.DateTimeField(_("asked"))
    vote = models.CharField(_("vote"), max_length=10, choices=Vote, blank=True)
    note = models.TextField(_("note to the panel"), blank=True)
    voted_at = models.DateTimeField(_("voted"), null=True, blank=True)

    class Meta:
        verbose_name = _("seat on a panel")
        verbose_name_plural = _("seats on panels")
        constraints = [
            models.UniqueConstraint(fields=["appeal", "person"], name="appeal_seat_once")
        ]

    def __str__(self) -> str:
        return f"{self.person}"

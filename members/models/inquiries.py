from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField


class InformationRequest(models.Model):
    """One question of a reviewer to an applicant, with its answer."""

    application = models.ForeignKey(
        "members.MembershipApplication", models.CASCADE, related_name="requests"
    )
    reason_codes = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    message = models.TextField(_("question"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked"))
    answer_by = models.DateField(_("answer until"))
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("question to an applicant")
        verbose_name_plural = _("questions to applicants")

    def __str__(self) -> str:
        return f"{self.application}"


class IssuerInquiry(models.Model):
    """Asking the office that issued a paper; never without the applicant's yes."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Waits for the applicant")
        REFUSED = "refused", _("The applicant said no")
        SENT = "sent", _("Asked")
        ANSWERED = "answered", _("Answered")

    public_id = PublicIdField()
    application = models.ForeignKey(
        "members.MembershipApplication", models.CASCADE, related_name="inquiries"
    )
    issuer = models.CharField(_("office"), max_length=160)
    email = models.EmailField(_("its address"))
    question = models.TextField(_("what we ask"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PROPOSED)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    proposed_at = models.DateTimeField(_("proposed"))
    agreed_at = models.DateTimeField(_("the applicant agreed"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answer = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("question to an issuer")
        verbose_name_plural = _("questions to issuers")

    def __str__(self) -> str:
        return self.issuer


class ReviewTask(models.Model):
    """Something about people or organizations that a reviewer must look at, by a day."""

    class Kind(models.TextChoices):
        ADDRESS_CHANGED = "address_changed", _("A house moved or changed hands")
        AFFILIATION_SILENT = "affiliation_silent", _("No answer from the organization")
        AFFILIATION_DISPUTED = "affiliation_disputed", _("The organization says no")
        SAMPLE = "sample", _("A look at one approved by the rule")
        EVIDENCE_REPORT = "evidence_report", _("Something was heard about a licence")
        EVIDENCE_SENT = "evidence_sent", _("New evidence to look at")
        POSSIBLE_DUPLICATE = "possible_duplicate", _("Perhaps known already")
        NAME_TAKEN_BACK = "name_taken_back", _("A name in a newsletter was taken back")

    public_id = PublicIdField()
    community = models.ForeignKey("members.Community", models.CASCADE, related_name="review_tasks")
    kind = models.CharField(_("what"), max_length=20, choices=Kind)
    organization = models.ForeignKey(
        "members.Organization", models.CASCADE, null=True, blank=True, related_name="review_tasks"
    )
    evidence = models.ForeignKey(
        "members.Evidence", models.CASCADE, null=True, blank=True, related_name="review_tasks"
    )
    application = models.ForeignKey(
        "members.MembershipApplication",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="review_tasks",
    )
    affiliation = models.ForeignKey(
        "members.Affiliation", models.CASCADE, null=True, blank=True, related_name="review_tasks"
    )
    opened_at = models.DateTimeField(_("since"))
    due_on = models.DateField(_("due"))
    note = models.TextField(_("note"), blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("task of the reviewers")
        verbose_name_plural = _("tasks of the reviewers")
        indexes = [
            models.Index(
                fields=["community", "due_on"],
                condition=models.Q(done_at__isnull=True),
                name="review_task_open",
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

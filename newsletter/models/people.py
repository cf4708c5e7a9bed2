from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField
from newsletter.models.issues import NewsletterIssue


class NamedPerson(models.Model):
    """The word of one person about being named in one issue (CO1). Refusing costs nothing.

    A yes belongs to the words that were shown (`words`); other words ask again.
    """

    class Answer(models.TextChoices):
        ASKED = "asked", _("Asked, no answer yet")
        YES = "yes", _("Said yes")
        NO = "no", _("Said no")
        WITHDRAWN = "withdrawn", _("Took the yes back")

    public_id = PublicIdField()
    issue = models.ForeignKey(NewsletterIssue, models.CASCADE, related_name="named_people")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    answer = models.CharField(_("answer"), max_length=10, choices=Answer, default=Answer.ASKED)
    # A digest of the passages in which they are named, as they were shown.
    words = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField(_("asked"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    # "link": pressed by themselves. Else how they said it, in the words of whoever wrote it down.
    how = models.CharField(_("how they said it"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("person named in an issue")
        verbose_name_plural = _("people named in issues")
        constraints = [
            models.UniqueConstraint(fields=["issue", "person"], name="named_person_once"),
            models.CheckConstraint(
                condition=models.Q(answer="asked") | models.Q(answered_at__isnull=False),
                name="named_person_answer_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issue}: {self.get_answer_display()}"

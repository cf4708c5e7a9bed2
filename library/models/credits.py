"""Who made a resource, speaks in it or is quoted: named, and published, only with their yes."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField


class ResourceCredit(models.Model):
    """One person in one resource. Of those who can be recognized each must say yes (L3, L4)."""

    class Part(models.TextChoices):
        AUTHOR = "author", _("Wrote or made it")
        SPEAKER = "speaker", _("Can be seen or heard")
        QUOTED = "quoted", _("Is quoted")
        STORY = "story", _("Tells a story of their own")

    class Consent(models.TextChoices):
        MISSING = "missing", _("Not asked yet")
        ASKED = "asked", _("Asked")
        GIVEN = "given", _("Said yes")
        REFUSED = "refused", _("Said no")
        WITHDRAWN = "withdrawn", _("Took the yes back")

    # In these parts somebody can be recognized: without their yes nothing goes out (L4).
    RECOGNIZABLE = (Part.SPEAKER, Part.QUOTED, Part.STORY)

    public_id = PublicIdField()
    resource = models.ForeignKey("library.Resource", models.CASCADE, related_name="credits")
    part = models.CharField(_("part"), max_length=8, choices=Part)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="credits",
        verbose_name=_("person"),
    )  # fmt: skip
    name = models.CharField(_("name of somebody without an account"), max_length=120, blank=True)
    is_named = models.BooleanField(_("the name may stand beside it"), default=False)
    consent = models.CharField(_("consent"), max_length=9, choices=Consent, default=Consent.MISSING)
    # How it was given where no mail of ours was answered: "signed form of 3 May, in the binder".
    consent_note = models.CharField(_("how they said it"), max_length=200, blank=True)
    # The widest audience that the yes is for (L3).
    consent_visibility = models.CharField(max_length=20, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("person in a resource")
        verbose_name_plural = _("people in a resource")
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) | ~Q(name=""), name="resource_credit_is_somebody"
            ),
            models.UniqueConstraint(
                fields=["resource", "part", "person"],
                condition=Q(person__isnull=False),
                name="resource_credit_once",
            ),
        ]

    def __str__(self) -> str:
        return self.get_part_display()

    @property
    def who(self) -> str:
        return str(self.person) if self.person else self.name

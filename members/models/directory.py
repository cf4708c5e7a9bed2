from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField
from members.models.communities import Community
from members.models.memberships import Membership

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.models.people import User


class PersonalConsent(models.Model):
    """One dated word of a person about one use of what we know (CO1). The latest row counts.

    Consent to mail stands in the outbox. `host`: the organization named in the words; where the
    host changes, everybody is asked again (PA1).
    """

    class Purpose(models.TextChoices):
        DIRECTORY = "directory", _("To be listed in the directory")
        MENTOR_LIST = "mentor_list", _("To be listed as a mentor")
        ORGANIZATION_NAME = "organization_name", _("To name the organization")

    person = models.ForeignKey("members.User", models.CASCADE, related_name="consents")
    community = models.ForeignKey("members.Community", models.CASCADE, related_name="+")
    purpose = models.CharField(_("for what"), max_length=20, choices=Purpose)
    given = models.BooleanField(_("given"))
    wording = models.CharField(_("version of the words"), max_length=20)
    host = models.ForeignKey(
        "members.Organization", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    source = models.CharField(_("said where"), max_length=30)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes = [
            models.Index(fields=["person", "community", "purpose", "-at"], name="consent_latest")
        ]

    def __str__(self) -> str:
        return self.get_purpose_display()


class DirectoryQuerySet(models.QuerySet["DirectoryProfile"]):
    def visible_to(self, person: "User | AnonymousUser") -> Self:
        """Who said yes and belongs today, for members; for oneself one's own entry (DP1, P4)."""
        if not person.is_authenticated:
            return self.none()
        belongs = Membership.objects.filter(
            community=OuterRef("community"),
            person=OuterRef("person"),
            state__in=Membership.CURRENT_STATES,
        )
        listed = Q(
            Exists(belongs),
            is_listed=True,
            person__is_active=True,
            community__in=Community.objects.opening(person, "members"),
        )
        return self.filter(listed | Q(person=person))


class DirectoryProfile(models.Model):
    """What a person shows to the members of one community. Opt-in, each field its own (DP1)."""

    public_id = PublicIdField()
    person = models.ForeignKey("members.User", models.CASCADE, related_name="profiles")
    community = models.ForeignKey("members.Community", models.CASCADE, related_name="profiles")
    is_listed = models.BooleanField(_("list me in the directory"), default=False)
    shows_role = models.BooleanField(_("my role"), default=False)
    shows_organization = models.BooleanField(_("my organization"), default=False)
    shows_region = models.BooleanField(_("my city or region"), default=False)
    shows_languages = models.BooleanField(_("my languages"), default=False)
    takes_messages = models.BooleanField(_("members may write to me"), default=False)
    pronouns = models.CharField(_("pronouns"), max_length=40, blank=True)
    languages = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, verbose_name=_("languages")
    )
    ask_me_about = models.CharField(_("ask me about"), max_length=300, blank=True)
    looking_for = models.CharField(_("I am looking for"), max_length=300, blank=True)
    # Of all that may be found, folded: rewritten by the action that changes any of it.
    search_text = models.TextField(blank=True, editable=False)

    objects = DirectoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("directory entry")
        verbose_name_plural = _("directory entries")
        constraints = [models.UniqueConstraint(fields=["community", "person"], name="profile_once")]
        indexes = [
            models.Index(fields=["community"], condition=Q(is_listed=True), name="profile_listed"),
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="profile_search"),
        ]

    def __str__(self) -> str:
        return f"{self.person}"


class Introduction(models.Model):
    """One message from member to member by relay; the text is not kept (DP2)."""

    public_id = PublicIdField()
    community = models.ForeignKey("members.Community", models.CASCADE, related_name="+")
    sender = models.ForeignKey("members.User", models.CASCADE, related_name="+")
    receiver = models.ForeignKey("members.User", models.CASCADE, related_name="+")
    is_reply = models.BooleanField(default=False)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("introduction")
        verbose_name_plural = _("introductions")
        indexes = [models.Index(fields=["sender", "-at"], name="introduction_by_sender")]

    def __str__(self) -> str:
        return f"{self.community}"

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.functional import cached_property
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from cop.core.fields import EmailKeyField, PublicIdField
from cop.core.time import DEFAULT_ZONE, zone_choices
from members.models.organizations import Fold

if TYPE_CHECKING:
    from members.models.communities import Community


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":  # noqa: ANN401
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":  # noqa: ANN401
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. The e-mail address is the only login; nothing here says why somebody is here."""

    public_id = PublicIdField()
    email = EmailKeyField(_("e-mail address"), unique=True)
    display_name = models.CharField(_("name"), max_length=120)
    language = models.CharField(
        _("language"), max_length=5, choices=settings.LANGUAGES, default="en"
    )
    timezone = models.CharField(
        _("time zone"), max_length=40, choices=zone_choices, default=DEFAULT_ZONE
    )
    is_staff = models.BooleanField(
        _("may open the desk"), default=False, help_text=_("Follows the roles; not set by hand.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("since"), default=now)
    # The day alone: enough to tell who has been away for a year.
    last_seen_on = models.DateField(_("last here"), null=True, blank=True)

    # Of this request alone: a coordinator looks at this community as a member sees it (P3).
    sees_as_member_of: "Community | None" = None

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes = [
            # The directory, by name and page by page.
            models.Index(Fold(models.F("display_name")), "id", name="user_by_folded_name")
        ]

    def __str__(self) -> str:
        return self.display_name or str(_("no name yet"))

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return next(iter(self.display_name.split()), "")

    @cached_property
    def _is_walled(self) -> bool:
        return (
            self.affiliations.exclude(state="ended")
            .filter(organization__is_regulator_or_funder=True)
            .exists()
        )

    def is_walled(self) -> bool:
        """Does this person also work for a funder or regulator? Then public things only (P4)."""
        return self._is_walled

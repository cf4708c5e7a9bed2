from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Membership(models.Model):
    """A person's standing in a community."""

    class Category(models.TextChoices):
        MEMBER = "member", _("Member")
        ALLY = "ally", _("Ally")
        GUEST = "guest", _("Guest")

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        GRACE = "grace", _("In grace")
        LAPSED = "lapsed", _("Lapsed")
        SUSPENDED = "suspended", _("Suspended")
        LEFT = "left", _("Left")
        REMOVED = "removed", _("Removed")

    CURRENT_STATES = (State.ACTIVE, State.GRACE)

    community = models.ForeignKey("members.Community", models.CASCADE, related_name="memberships")
    person = models.ForeignKey("members.User", models.CASCADE, related_name="memberships")
    category = models.CharField(
        _("category"), max_length=10, choices=Category, default=Category.MEMBER
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ACTIVE)
    joined_on = models.DateField(_("joined"))
    ended_on = models.DateField(_("ended"), null=True, blank=True)
    end_reason = models.CharField(_("why it ended"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["community", "person"],
                condition=Q(state__in=["active", "grace", "suspended"]),
                name="membership_one_current",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_category_display()}"


class RoleGrant(models.Model):
    """What somebody does for one community, from one day to another (P1)."""

    class Role(models.TextChoices):
        COORDINATOR = "coordinator", _("Coordinator")
        FACILITATOR = "facilitator", _("Facilitator")
        REVIEWER = "reviewer", _("Reviewer")
        LIBRARIAN = "librarian", _("Librarian")
        EDITOR = "editor", _("Editor")
        MODERATOR = "moderator", _("Moderator")
        GREETER = "greeter", _("Greeter")
        CORE_GROUP = "core_group", _("Core group")
        EVALUATOR = "evaluator", _("Evaluator")

    # Those who have work to do at the desk. The others hold a role among members.
    DESK_ROLES = (Role.COORDINATOR, Role.FACILITATOR, Role.REVIEWER, Role.LIBRARIAN, Role.EDITOR)

    community = models.ForeignKey("members.Community", models.CASCADE, related_name="role_grants")
    person = models.ForeignKey("members.User", models.CASCADE, related_name="role_grants")
    role = models.CharField(_("role"), max_length=12, choices=Role)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            models.UniqueConstraint(
                fields=["community", "person", "role"],
                condition=Q(ends_on__isnull=True),
                name="rolegrant_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_role_display()}"

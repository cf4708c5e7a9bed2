from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cop.core.fields import EmailKeyField, PublicIdField


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

    class Basis(models.TextChoices):
        APPLICATION = "application", _("Application")
        INVITATION = "invitation", _("Invitation")
        IMPORT = "import", _("List of the host")

    class Ground(models.TextChoices):
        """Why there is a time of grace."""

        EVIDENCE = "evidence", _("The evidence of the organization has ended")
        AFFILIATION = "affiliation", _("No longer at an eligible organization")

    CURRENT_STATES = (State.ACTIVE, State.GRACE)

    public_id = PublicIdField()
    community = models.ForeignKey("members.Community", models.CASCADE, related_name="memberships")
    person = models.ForeignKey("members.User", models.CASCADE, related_name="memberships")
    category = models.CharField(
        _("category"), max_length=10, choices=Category, default=Category.MEMBER
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ACTIVE)
    basis = models.CharField(
        _("joined by"), max_length=12, choices=Basis, default=Basis.APPLICATION
    )
    joined_on = models.DateField(_("joined"))
    # The last day of grace, and why; set while the state is `grace`.
    grace_until = models.DateField(_("in grace until"), null=True, blank=True)
    grace_ground = models.CharField(_("why in grace"), max_length=12, choices=Ground, blank=True)
    suspended_until = models.DateField(_("on hold until"), null=True, blank=True)
    # Once a year everybody is asked "still there?"; no answer leaves this true (2.7).
    is_unconfirmed = models.BooleanField(_("not confirmed this year"), default=False)
    confirmed_on = models.DateField(_("confirmed on"), null=True, blank=True)
    delegate_for = models.ForeignKey(
        "members.Organization",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="delegates",
        verbose_name=_("votes for"),
    )
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
            ),
            models.UniqueConstraint(
                fields=["community", "delegate_for"],
                condition=Q(state__in=["active", "grace"], delegate_for__isnull=False),
                name="membership_one_delegate",
            ),
            models.CheckConstraint(
                condition=Q(state="grace") | Q(grace_until__isnull=True),
                name="membership_grace_has_state",
            ),
            models.CheckConstraint(
                condition=~Q(state="suspended") | Q(suspended_until__isnull=False),
                name="membership_suspension_ends",
            ),
        ]
        indexes = [models.Index(fields=["community", "state"], name="membership_by_state")]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_category_display()}"


class MembershipConfirmation(models.Model):
    """The yearly question "still there?", asked of one membership, and its answer (2.7)."""

    class Answer(models.TextChoices):
        YES = "yes", _("Yes, still there")
        CHANGED = "changed", _("Something has changed")
        LEAVE = "leave", _("I leave")

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="confirmations")
    year = models.PositiveSmallIntegerField(_("programme year from"))
    asked_on = models.DateField(_("asked"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=8, choices=Answer, blank=True)

    class Meta:
        verbose_name = _("yearly confirmation")
        verbose_name_plural = _("yearly confirmations")
        constraints = [
            models.UniqueConstraint(fields=["membership", "year"], name="confirmation_once_a_year")
        ]

    def __str__(self) -> str:
        return f"{self.membership}, {self.year}"


class Invitation(models.Model):
    """A word of a coordinator that opens a community by invitation to one address."""

    class State(models.TextChoices):
        SENT = "sent", _("Sent")
        ACCEPTED = "accepted", _("Accepted")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    public_id = PublicIdField()
    community = models.ForeignKey("members.Community", models.CASCADE, related_name="invitations")
    email = EmailKeyField(_("e-mail address"))
    category = models.CharField(
        _("category"),
        max_length=10,
        choices=Membership.Category,
        default=Membership.Category.MEMBER,
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.SENT)
    words = models.TextField(_("a few words"), blank=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    sent_at = models.DateTimeField(_("sent"))
    expires_on = models.DateField(_("open until"))
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["community", "email"],
                condition=Q(state="sent"),
                name="invitation_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.community}"


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

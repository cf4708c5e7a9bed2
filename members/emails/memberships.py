"""The mails about a membership's own way: grace, its end, a hold, the yearly question."""

from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute, make_token
from cop.core.mail import Email
from cop.core.models import AuditEvent
from members.mailing import community_email, queue_community_email
from members.models import Membership, MembershipConfirmation
from outbox.models import Purpose

CONFIRM_PURPOSE = "still-here"
TEMPLATES = {
    "moved": "members/email/membership_moved",
    "grace": "members/email/membership_grace",
    "lapsed": "members/email/membership_lapsed",
    "suspended": "members/email/membership_suspended",
    "suspension_ended": "members/email/membership_suspension_ended",
    "removed": "members/email/membership_removed",
}
CONFIRM = "members/email/renewal_confirm"
WHY: str | Promise = _("You get this because you belong to this community.")
WHY_NOT: str | Promise = _("You get this because you belonged to this community.")
AFTERWARDS = frozenset({"lapsed", "removed"})


def membership_context(row: Membership, words: str = "") -> dict[str, Any]:
    return {
        "membership": row,
        "words": words,
        "me_url": absolute(reverse("my_work")),
        "join_url": absolute(reverse("members:community_join", args=[row.community.slug])),
    }


def queue_membership_email(kind: str, row: Membership, *, words: str = "") -> bool:
    """`kind`: a key of TEMPLATES. One for each state and day it is about, never two."""
    day = row.grace_until or row.suspended_until or row.ended_on or ""
    key = f"membership:{row.public_id}:{kind}:{day}"
    if kind in {"suspended", "suspension_ended", "removed"}:
        key += f":{_turn(row)}"
    return queue_community_email(
        community=row.community,
        person=row.person,
        key=key,
        kind=TEMPLATES[kind].rpartition("/")[2],
        purpose=Purpose.TRANSACTIONAL,
        template=TEMPLATES[kind],
        why=WHY_NOT if kind in AFTERWARDS else WHY,
        context=membership_context(row, words),
        looks_first=True,
    )


def preview_membership_email(kind: str, row: Membership, *, words: str = "") -> Email:
    """The very mail that a step will send, for the coordinator's eyes first."""
    return community_email(
        community=row.community,
        person=row.person,
        template=TEMPLATES[kind],
        why=WHY_NOT if kind in AFTERWARDS else WHY,
        # The link to the person's mail choices is made at sending; it is not for other eyes.
        context=membership_context(row, words) | {"choices_url": ""},
    )


def _turn(row: Membership) -> int:
    """How often it has been on hold or ended: the same may happen again."""
    return AuditEvent.objects.filter(
        object_type=row._meta.label_lower, object_id=row.public_id
    ).count()


def confirm_url(confirmation: MembershipConfirmation) -> str:
    token = make_token(CONFIRM_PURPOSE, [confirmation.membership.public_id, confirmation.year])
    return absolute(reverse("members:still_here", args=[token]))


def confirmation_context(confirmation: MembershipConfirmation, turn: int) -> dict[str, Any]:
    row = confirmation.membership
    tie = (
        row.person.affiliations.exclude(state="ended")
        .select_related("organization")
        .order_by("-is_primary", "pk")
        .first()
    )
    return {
        "membership": row,
        "organization": tie.organization if tie else None,
        "url": confirm_url(confirmation),
        "is_reminder": turn > 0,
        "is_last": turn == 2,
    }


def queue_renewal_email(confirmation: MembershipConfirmation, *, turn: int) -> bool:
    """`turn`: 0 the question, 1 and 2 its reminders."""
    row = confirmation.membership
    return queue_community_email(
        community=row.community,
        person=row.person,
        key=f"renewal:{row.public_id}:{confirmation.year}:{turn}",
        kind="renewal_confirm",
        purpose=Purpose.TRANSACTIONAL,
        template=CONFIRM,
        why=WHY,
        context=confirmation_context(confirmation, turn),
        budgeted=True,
        looks_first=True,
    )

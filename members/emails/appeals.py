"""The mails of an appeal. None of them says who sits on the panel, or who said what (AP2)."""

from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute
from members.mailing import queue_community_email
from members.models import Appeal, AppealSeat
from outbox.models import Purpose

TEMPLATES = {
    "received": "members/email/appeal_received",
    "decided": "members/email/appeal_decided",
    "not_in_force": "members/email/appeal_not_in_force",
    "seat": "members/email/appeal_seat",
}
WHY: str | Promise = _("You get this because you asked us to look at a decision again.")
WHY_SEAT: str | Promise = _("You get this because you hold a role in this community.")


def appeal_context(appeal: Appeal) -> dict[str, Any]:
    application = appeal.application
    page = reverse("members:appeal", args=[application.public_id])
    return {
        "appeal": appeal,
        "application": application,
        "about": str(application.organization or application.community),
        "page_url": absolute(page),
        "join_url": absolute(reverse("members:community_join", args=[application.community.slug])),
        "begins_later": begins_later(appeal),
    }


def begins_later(appeal: Appeal) -> bool:
    """Upheld from a day on that was still to come when it was decided."""
    if appeal.effective_on is None or appeal.decided_at is None:
        return False
    zone = ZoneInfo(appeal.application.community.timezone)
    return appeal.effective_on > appeal.decided_at.astimezone(zone).date()


def seat_context(appeal: Appeal) -> dict[str, Any]:
    page = reverse("panel_appeal", args=[appeal.public_id])
    return {"appeal": appeal, "page_url": absolute(page)}


def queue_appeal_email(kind: str, appeal: Appeal) -> None:
    """To the applicant; `kind`: a key of TEMPLATES. One of each kind, never two."""
    application = appeal.application
    queue_community_email(
        community=application.community,
        person=application.person,
        key=f"appeal:{appeal.public_id}:{kind}",
        kind=TEMPLATES[kind].rpartition("/")[2],
        purpose=Purpose.TRANSACTIONAL,
        template=TEMPLATES[kind],
        why=WHY,
        context=appeal_context(appeal),
    )


def queue_seat_email(seat: AppealSeat) -> None:
    """To somebody who is asked onto the panel. The name of the applicant stays on the page."""
    appeal = seat.appeal
    queue_community_email(
        community=appeal.application.community,
        person=seat.person,
        key=f"appeal:{appeal.public_id}:seat:{seat.pk}",
        kind="appeal_seat",
        purpose=Purpose.TRANSACTIONAL,
        template=TEMPLATES["seat"],
        why=WHY_SEAT,
        context=seat_context(appeal),
    )

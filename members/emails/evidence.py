"""To the contacts of an organization: this paper ends, or has ended (E3)."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute
from members.mailing import queue_community_email
from members.models import Evidence
from members.queries import EVIDENCE_GRACE, contacts_of
from outbox.models import Purpose

EXPIRING, EXPIRED = "members/email/evidence_expiring", "members/email/evidence_expired"
WHY = _("You get this because you speak for your organization here.")


def notice_context(evidence: Evidence, days: int) -> dict[str, Any]:
    return {
        "evidence": evidence,
        "organization": evidence.organization,
        "days": days,
        "grace_until": evidence.valid_to + EVIDENCE_GRACE if evidence.valid_to else None,
        "url": absolute(reverse("my_organization", args=[evidence.organization.public_id])),
    }


def queue_evidence_notice(evidence: Evidence, days: int, *, now: datetime) -> int:
    """`days` before its last day: 60, 30 or 7; 0 once it has ended. Returns how many were new."""
    template = EXPIRING if days else EXPIRED
    sent = 0
    for contact in contacts_of(evidence.organization).order_by("pk"):
        sent += queue_community_email(
            community=evidence.criterion.community,
            person=contact,
            key=f"evidence:{evidence.public_id}:{evidence.valid_to}:{days}:{contact.pk}",
            kind=template.rpartition("/")[2],
            purpose=Purpose.TRANSACTIONAL,
            template=template,
            why=WHY,
            context=notice_context(evidence, days),
            looks_first=True,
        )
    return sent

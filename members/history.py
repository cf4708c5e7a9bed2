"""History in words. The rows keep codes; people read sentences."""

from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.models import AuditEvent
from cop.core.time import say_clock, say_date

WORDS: dict[str, str | Promise] = {
    "application_submitted": gettext_lazy("Application sent"),
    "application_auto_approved": gettext_lazy("Approved at once: eligible, own mail address"),
    "application_approved": gettext_lazy("Approved"),
    "application_info_requested": gettext_lazy("Asked for more"),
    "application_answered": gettext_lazy("Applicant answered"),
    "application_declined": gettext_lazy("Declined"),
    "application_withdrawn": gettext_lazy("Taken back"),
    "affiliation_confirmed": gettext_lazy("Link to the organization confirmed"),
    "evidence_submitted": gettext_lazy("Evidence sent"),
    "evidence_viewed": gettext_lazy("Document opened"),
    "evidence_verified": gettext_lazy("Evidence verified"),
    "evidence_doubtful": gettext_lazy("Evidence doubtful"),
    "evidence_rejected": gettext_lazy("Evidence rejected"),
    "evidence_purged": gettext_lazy("Document deleted"),
    "membership_began": gettext_lazy("Membership began"),
    "membership_left": gettext_lazy("Left"),
    "role_granted": gettext_lazy("Role given"),
    "role_ended": gettext_lazy("Role ended"),
}


def say_action(action: str) -> str:
    return str(WORDS.get(action) or action.replace("_", " ").capitalize())


def describe(event: AuditEvent, zone: str) -> dict[str, str]:
    """One entry of components/timeline.html."""
    at = event.at.astimezone(ZoneInfo(zone))
    return {
        "at": f"{say_date(event.at, zone)}, {say_clock(at)}",
        "text": f"{say_action(event.action)} · {event.actor or _('the system')}",
        "detail": event.reason,
    }

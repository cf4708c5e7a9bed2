"""What the codes of the history mean, in words. People read these; the rows keep the codes."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.models import Evidence, MembershipApplication
from members.reasons import DeclineReason, InfoReason

ACTIONS: dict[str, str | Promise] = {
    "application_submitted": _("Application sent"),
    "application_auto_approved": _("Approved at once: eligible, own mail address"),
    "application_approved": _("Approved"),
    "application_info_requested": _("Asked for more"),
    "application_answered": _("Applicant answered"),
    "application_declined": _("Declined"),
    "application_withdrawn": _("Taken back"),
    "application_lapsed": _("Lapsed"),
    "affiliation_confirmed": _("Link to the organization confirmed"),
    "evidence_submitted": _("Evidence sent"),
    "evidence_viewed": _("Document opened"),
    "evidence_verified": _("Evidence verified"),
    "evidence_doubtful": _("Evidence doubtful"),
    "evidence_rejected": _("Evidence rejected"),
    "evidence_purged": _("Document deleted"),
    "membership_began": _("Membership began"),
    "membership_left": _("Left"),
    "role_granted": _("Role given"),
    "role_ended": _("Role ended"),
    "addresses_imported": _("Addresses added with proof"),
    "community_created": _("Community begun"),
    "community_updated": _("Changed"),
    "calendar_feed_made": _("Calendar address made"),
    "calendar_feed_replaced": _("Calendar address replaced"),
    "series_drafts_made": _("Drafts made"),
    "meeting_drafted": _("Draft made"),
    "meeting_scheduled": _("Announced"),
    "meeting_updated": _("Changed"),
    "meeting_clock_corrected": _("Put right after clock rules changed"),
    "meeting_rescheduled": _("Moved to another time"),
    "meeting_capacity_changed": _("Number of seats changed"),
    "meeting_cancelled": _("Cancelled"),
    "meeting_held": _("Marked as held"),
    "library.resource_submitted": _("Sent in"),
    "library.resource_resubmitted": _("Sent in again"),
    "library.resource_edited": _("Changed"),
    "library.resource_published": _("Put in the library"),
    "library.resource_returned": _("Sent back"),
    "library.resource_withdrawn": _("Taken out of the library"),
    "library.file_infected": _("Malware found in the file"),
    "issue_drafted": _("News collected"),
    "issue_edited": _("Changed"),
    "issue_test_sent": _("Test sent"),
    "issue_approved": _("Approved"),
    "issue_held": _("Put on hold"),
    "issue_resumed": _("Taken up again"),
    "issue_sent": _("Sending began"),
    "issue_send_cancelled": _("Sending taken back"),
    "issue_settled": _("Sending ended"),
    "mail_held": _("Its mail put on hold"),
    "mail_released": _("Its mail released"),
    "mail_cancelled": _("Its mail stopped"),
    "mail_rescheduled": _("Its mail moved to another time"),
    "mail_sent_again": _("Unclear mail sent again"),
    "mail_settled": _("Unclear mail left as it is"),
    "mail_looked_up": _("Looked up what they get"),
}
# The labels of the states speak to the applicant; at the desk somebody else reads.
AT_THE_DESK: dict[str, str | Promise] = {
    MembershipApplication.State.INFO_REQUESTED: _("Waiting for the applicant"),
}
REASONS: dict[str, str | Promise] = {
    **dict(InfoReason.choices),
    **dict(DeclineReason.choices),
    **dict(Evidence.Method.choices),
    "email_domain": _("own mail address of the organization"),
    "90 days after the decision": _("90 days after the decision"),
}

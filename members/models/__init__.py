from members.models.appeals import Appeal, AppealFile, AppealSeat
from members.models.applications import MembershipApplication
from members.models.communities import Community
from members.models.directory import DirectoryProfile, Introduction, PersonalConsent
from members.models.eligibility import Criterion, Evidence, EvidenceKind
from members.models.imports import ImportRun
from members.models.inquiries import InformationRequest, IssuerInquiry, ReviewTask
from members.models.memberships import (
    Invitation,
    Membership,
    MembershipConfirmation,
    RoleGrant,
)
from members.models.mentorship import (
    MentorshipCheckIn,
    MentorshipMatch,
    MentorshipOffer,
    MentorshipRequest,
)
from members.models.organizations import Affiliation, Organization, Site
from members.models.people import User
from members.models.streams import (
    AgreementAcceptance,
    ParticipationAgreement,
    Partner,
    Stream,
    StreamChoice,
)

__all__ = [
    "Affiliation",
    "AgreementAcceptance",
    "Appeal",
    "AppealFile",
    "AppealSeat",
    "Community",
    "Criterion",
    "DirectoryProfile",
    "Evidence",
    "EvidenceKind",
    "ImportRun",
    "InformationRequest",
    "Introduction",
    "Invitation",
    "IssuerInquiry",
    "Membership",
    "MembershipApplication",
    "MembershipConfirmation",
    "MentorshipCheckIn",
    "MentorshipMatch",
    "MentorshipOffer",
    "MentorshipRequest",
    "Organization",
    "ParticipationAgreement",
    "Partner",
    "PersonalConsent",
    "ReviewTask",
    "RoleGrant",
    "Site",
    "Stream",
    "StreamChoice",
    "User",
]

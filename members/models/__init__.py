from members.models.applications import MembershipApplication
from members.models.communities import Community, ParticipationAgreement, Partner, Stream
from members.models.eligibility import Criterion, Evidence
from members.models.memberships import Membership, RoleGrant
from members.models.organizations import Affiliation, Organization, Site
from members.models.people import User

__all__ = [
    "Affiliation",
    "Community",
    "Criterion",
    "Evidence",
    "Membership",
    "MembershipApplication",
    "Organization",
    "ParticipationAgreement",
    "Partner",
    "RoleGrant",
    "Site",
    "Stream",
    "User",
]

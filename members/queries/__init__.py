from members.queries.eligibility import (
    AFFILIATION_GRACE,
    EVIDENCE_GRACE,
    contacts_of,
    counting_evidence,
    eligible_organizations,
    last_eligible_day,
    organization_is_eligible,
    qualifying_affiliations,
)
from members.queries.people import (
    category_after_approval,
    history_of,
    is_affiliated,
    similar_organizations,
)

__all__ = [
    "AFFILIATION_GRACE",
    "EVIDENCE_GRACE",
    "category_after_approval",
    "contacts_of",
    "counting_evidence",
    "eligible_organizations",
    "history_of",
    "is_affiliated",
    "last_eligible_day",
    "organization_is_eligible",
    "qualifying_affiliations",
    "similar_organizations",
]

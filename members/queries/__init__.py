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
from members.queries.organizations import (
    communities_of,
    find_duplicates,
    known_organizations,
    rests_with_others,
    spoken_for_by,
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
    "communities_of",
    "contacts_of",
    "counting_evidence",
    "eligible_organizations",
    "find_duplicates",
    "history_of",
    "is_affiliated",
    "known_organizations",
    "last_eligible_day",
    "organization_is_eligible",
    "qualifying_affiliations",
    "rests_with_others",
    "similar_organizations",
    "spoken_for_by",
]

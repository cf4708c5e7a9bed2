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
    known_like,
    known_organizations,
    rests_with_others,
    site_called,
    spoken_for_by,
)
from members.queries.people import (
    category_after_approval,
    greeter_for,
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
    "greeter_for",
    "history_of",
    "is_affiliated",
    "known_like",
    "known_organizations",
    "last_eligible_day",
    "organization_is_eligible",
    "qualifying_affiliations",
    "rests_with_others",
    "similar_organizations",
    "site_called",
    "spoken_for_by",
]

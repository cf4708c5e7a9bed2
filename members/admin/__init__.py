"""The desk of this app: importing the modules registers their pages."""

from members.admin import (
    appeals,
    applications,
    communities,
    community_parts,
    evidence,
    history,
    imports,
    organizations,
    people,
    roles,
)

__all__ = [
    "appeals", "applications", "communities", "community_parts", "evidence", "history", "imports",
    "organizations", "people", "roles",
]  # fmt: skip

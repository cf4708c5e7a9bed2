"""The desk of this app: importing the modules registers their pages."""

from members.admin import (
    appeals,
    applications,
    communities,
    community_parts,
    evidence,
    history,
    imports,
    invitations,
    organizations,
    people,
    roles,
    tasks,
)

__all__ = [
    "appeals", "applications", "communities", "community_parts", "evidence", "history", "imports",
    "invitations", "organizations", "people", "roles", "tasks",
]  # fmt: skip

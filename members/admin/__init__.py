"""The desk of this app: importing the modules registers their pages."""

from members.admin import (
    applications,
    communities,
    evidence,
    history,
    organizations,
    people,
    roles,
)

__all__ = [
    "applications", "communities", "evidence", "history", "organizations", "people", "roles",
]  # fmt: skip

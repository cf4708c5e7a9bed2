"""Samples of the mails of this app, and the invented people that all samples share."""

from members.samples import (
    appeals,
    applications,
    communities,
    evidence,
    imports,
    inquiries,
    invitations,
    memberships,
)
from members.samples.applications import (
    APPLICANT,
    sample_application,
    sample_community,
    sample_person,
)

SAMPLES = [
    *applications.SAMPLES,
    *inquiries.SAMPLES,
    *evidence.SAMPLES,
    *memberships.SAMPLES,
    *communities.SAMPLES,
    *appeals.SAMPLES,
    *imports.SAMPLES,
    *invitations.SAMPLES,
]

__all__ = ["APPLICANT", "SAMPLES", "sample_application", "sample_community", "sample_person"]

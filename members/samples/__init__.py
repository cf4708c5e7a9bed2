"""Samples of the mails of this app, and the invented people that all samples share."""

from members.samples import applications, evidence, memberships
from members.samples.applications import (
    APPLICANT,
    sample_application,
    sample_community,
    sample_person,
)

SAMPLES = [*applications.SAMPLES, *evidence.SAMPLES, *memberships.SAMPLES]

__all__ = ["APPLICANT", "SAMPLES", "sample_application", "sample_community", "sample_person"]

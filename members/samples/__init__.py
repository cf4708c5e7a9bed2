"""Samples of the mails of this app, and the invented people that all samples share."""

from members.samples.applications import (
    APPLICANT,
    SAMPLES,
    sample_application,
    sample_community,
    sample_person,
)

__all__ = ["APPLICANT", "SAMPLES", "sample_application", "sample_community", "sample_person"]

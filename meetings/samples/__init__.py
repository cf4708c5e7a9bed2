"""Samples of the mails of this app, and the invented meeting that all samples share."""

from meetings.samples import after, ballots, changes, invitations, meetings, roles, topics
from meetings.samples.meetings import WELCOME, sample_meeting

SAMPLES = [
    *meetings.SAMPLES,
    *invitations.SAMPLES,
    *changes.SAMPLES,
    *after.SAMPLES,
    *ballots.SAMPLES,
    *roles.SAMPLES,
    *topics.SAMPLES,
]

__all__ = ["SAMPLES", "WELCOME", "sample_meeting"]

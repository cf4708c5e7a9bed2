"""Samples of the mails of the newsletter."""

from newsletter.samples import editors, issues

SAMPLES = [*issues.SAMPLES, *editors.SAMPLES]

__all__ = ["SAMPLES"]

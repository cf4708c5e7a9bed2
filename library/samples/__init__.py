"""Samples of the mails of the library."""

from library.samples import credits, resources

SAMPLES = [*resources.SAMPLES, *credits.SAMPLES]

__all__ = ["SAMPLES"]

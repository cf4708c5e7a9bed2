"""Samples of the mails of the library."""

from library.samples import credits, resources, reviews

SAMPLES = [*resources.SAMPLES, *credits.SAMPLES, *reviews.SAMPLES]

__all__ = ["SAMPLES"]

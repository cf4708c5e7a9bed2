"""Mails of the library."""

from library.emails.resources import WHY, queue_published, queue_returned, resource_context

__all__ = ["WHY", "queue_published", "queue_returned", "resource_context"]

from members.emails.applications import (
    TEMPLATES,
    WHY,
    application_context,
    preview_application_email,
    queue_application_email,
)

__all__ = [
    "TEMPLATES",
    "WHY",
    "application_context",
    "preview_application_email",
    "queue_application_email",
]

"""Start-up checks of what tells us that mail came back."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

LOCAL = {"localhost", "127.0.0.1", "::1"}
SHORTEST_SECRET = 16


@register
def mail_events(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:  # noqa: ANN401
    """A misspelt provider or a weak password would be a door that is shut or open for all."""
    from outbox.providers import BY_PASSWORD, PROVIDERS

    found: list[CheckMessage] = []
    for name, secret in settings.MAIL_EVENTS.items():
        if name not in PROVIDERS:
            problem = f"MAIL_EVENTS names {name!r}, which we do not know."
        elif len(secret) < SHORTEST_SECRET:
            problem = f"The secret of {name} in MAIL_EVENTS is too short."
        elif name in BY_PASSWORD and ":" not in secret:
            problem = f"The secret of {name} in MAIL_EVENTS must be name:password."
        else:
            continue
        hint = f"Write provider=secret. Providers: {', '.join(PROVIDERS)}."
        found.append(Error(problem, hint=hint, id="outbox.E001"))
    return found


@register
def bounce_mailbox(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:  # noqa: ANN401
    url = settings.BOUNCE_MAILBOX_URL
    if not url:
        return []
    parts = urlsplit(url)
    is_safe = parts.scheme == "imaps" or (parts.scheme == "imap" and parts.hostname in LOCAL)
    if is_safe and parts.hostname and settings.BOUNCE_ADDRESS:
        return []
    return [
        Error(
            "BOUNCE_MAILBOX_URL needs imaps:// and goes together with BOUNCE_ADDRESS.",
            hint="imaps://user:password@host/INBOX, the mailbox of BOUNCE_ADDRESS.",
            id="outbox.E002",
        )
    ]

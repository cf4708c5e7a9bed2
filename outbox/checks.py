"""Start-up checks of what tells us that mail came back."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

LOCAL = {"localhost", "127.0.0.1", "::1"}
SHORTEST_SECRET = 16
# Of 64 signs (RFC 5321) the seal and what it seals take the rest.
LONGEST_REPLY_NAME = 18


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
    if _is_safe(url) and settings.BOUNCE_ADDRESS:
        return []
    return [
        Error(
            "BOUNCE_MAILBOX_URL needs imaps:// and goes together with BOUNCE_ADDRESS.",
            hint="imaps://user:password@host/INBOX, the mailbox of BOUNCE_ADDRESS.",
            id="outbox.E002",
        )
    ]


@register
def reply_mailbox(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:  # noqa: ANN401
    found: list[CheckMessage] = []
    local, _at, domain = settings.REPLY_ADDRESS.partition("@")
    if settings.REPLY_ADDRESS and not (local and domain and len(local) <= LONGEST_REPLY_NAME):
        problem = "REPLY_ADDRESS is no address, or has more than 18 signs before the @."
        found.append(Error(problem, hint="meetings@your.domain", id="outbox.E003"))
    url = settings.REPLY_MAILBOX_URL
    if url and not (_is_safe(url) and settings.REPLY_ADDRESS):
        found.append(
            Error(
                "REPLY_MAILBOX_URL needs imaps:// and goes together with REPLY_ADDRESS.",
                hint="imaps://user:password@host/INBOX, the mailbox of REPLY_ADDRESS.",
                id="outbox.E004",
            )
        )
    return found


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    is_safe = parts.scheme == "imaps" or (parts.scheme == "imap" and parts.hostname in LOCAL)
    return is_safe and bool(parts.hostname)

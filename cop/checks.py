"""Start-up checks: the product refuses to run half-configured, and says what to set."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

from cop.core.time import PROBE, python_zone_data_is_current

LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "::1", ".localhost", "testserver"}


def database_zone_data_is_current() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s AT TIME ZONE 'America/Vancouver'", [PROBE])
        return cursor.fetchone()[0] == datetime(2026, 12, 15, 11, 0)


@register(Tags.compatibility)
def zone_data(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:  # noqa: ANN401
    if python_zone_data_is_current():
        return []
    return [
        Error(
            "The time-zone data of Python is out of date: meetings would be an hour wrong.",
            hint="Install tzdata 2026.3 or newer from requirements.txt.",
            id="cop.E001",
        )
    ]


@register(Tags.database)
def database_zone_data(
    app_configs: Any,  # noqa: ANN401
    databases: list[str] | None = None,
    **kwargs: Any,  # noqa: ANN401
) -> list[CheckMessage]:
    if not databases or database_zone_data_is_current():
        return []
    return [
        Error(
            "The time-zone data of PostgreSQL is out of date: reports would be an hour wrong.",
            hint="Update the server's tzdata (2026b or newer), or use the PostgreSQL 18 image.",
            id="cop.E002",
        )
    ]


@register
def sender(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:  # noqa: ANN401
    found: list[CheckMessage] = []
    if "@" not in settings.DEFAULT_FROM_EMAIL:
        found.append(
            Error(
                "DEFAULT_FROM_EMAIL is not set, so no mail can leave.",
                hint='Set DEFAULT_FROM_EMAIL="Every Door <hello@your.domain>" in .env.',
                id="cop.E004",
            )
        )
    if not settings.POSTAL_ADDRESS.strip():
        found.append(
            Error(
                "POSTAL_ADDRESS is empty; the law asks for one under each newsletter.",
                hint="Set POSTAL_ADDRESS to the mailing address of the host in .env.",
                id="cop.E005",
            )
        )
    return found


@register(Tags.security)
def local_mode_is_local(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:  # noqa: ANN401
    """The one-click sign-in of LOCAL_MODE must be impossible on a server."""
    if not settings.LOCAL_MODE:
        return []
    host = urlsplit(settings.SITE_URL).hostname or ""
    public = [name for name in settings.ALLOWED_HOSTS if name not in LOOPBACK]
    if host in LOOPBACK and not settings.SITE_URL.startswith("https") and not public:
        return []
    return [
        Error(
            "LOCAL_MODE is on together with settings of a server: anybody could sign in.",
            hint="Remove LOCAL_MODE from the environment. It is for `make run` on this computer.",
            id="cop.E010",
        )
    ]


@register(Tags.security, deploy=True)
def site_url_is_public(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:  # noqa: ANN401
    if settings.SITE_URL.startswith("https://"):
        return []
    return [
        Error(
            f"SITE_URL is {settings.SITE_URL!r}: links in mails would not work, nor be private.",
            hint="Set SITE_URL=https://your.domain in .env (docs/OPERATING.md).",
            id="cop.E011",
        )
    ]

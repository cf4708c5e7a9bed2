"""Signed links under /m/<token>/: they work without signing in and show nothing of the person."""

from typing import Any

from django.conf import settings
from django.core import signing


class BadLink(Exception):
    """Forged, cut off, too old, or made for another purpose."""


def make_token(purpose: str, payload: Any) -> str:  # noqa: ANN401  any JSON
    """Each purpose has a salt of its own: a token of one is refused by all others (ASVS 9.2)."""
    return signing.dumps(payload, salt=f"m.{purpose}")


def read_token(purpose: str, token: str, *, max_age: int | None = None) -> Any:  # noqa: ANN401
    """The payload. `max_age` in seconds; without it a token never expires. Raises BadLink."""
    try:
        return signing.loads(token, salt=f"m.{purpose}", max_age=max_age)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadLink from error


def absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"

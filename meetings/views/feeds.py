"""Calendars that programs subscribe to. They come often, so most get 304 and nothing is built."""

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path

import icalendar
import tzdata
from django.conf import settings
from django.core.cache import cache as store
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from cop.core import text, time
from meetings import discreet, ics
from meetings.queries import feeds
from members.access import with_community
from members.models import Community

MINUTES_15 = 900


@require_safe
def calendar_file(request: HttpRequest, secret: str) -> HttpResponse:
    """One's own meetings for a calendar program. Titles and times; no names, no join link."""
    person = feeds.find_feed(secret)
    if person is None:
        raise Http404
    rows = feeds.feed_rows(person, timezone.now())
    # All that the words depend on.
    about = (person.language, person.timezone, discreet.wants_discreet(person))

    def build() -> str:
        return ics.feed(person, map(feeds.meeting_of, rows))

    etag = _etag("own", about, rows)
    return _answer(request, etag, build, language=person.language, scope="private")


@require_safe
@with_community
def public_file(request: HttpRequest, community: Community) -> HttpResponse:
    """What anybody may come to: the same for all who ask, in the community's first language."""
    rows = feeds.public_rows(community, timezone.now())
    language = (community.languages or [settings.LANGUAGE_CODE])[0]
    about = (language, community.name, community.name_fr, community.timezone)

    def build() -> str:
        return ics.public_feed(community, map(feeds.meeting_of, rows))

    etag = _etag("public", about, rows)
    return _answer(request, etag, build, language=language, scope="public")


def _etag(kind: str, about: tuple[object, ...], rows: list[feeds.Row]) -> str:
    """Strong (RFC 9110): all that the bytes are made of, and of what makes them."""
    site = (settings.SITE_URL, settings.SITE_NAME, settings.MAIL_DOMAIN)
    made_of = repr((kind, _making(), site, settings.DEFAULT_FROM_EMAIL, about, rows))
    return f'"{sha256(made_of.encode()).hexdigest()[:40]}"'


@cache
def _making() -> str:
    """After an upgrade the same rows may give other bytes."""
    base = Path(settings.BASE_DIR)
    words = [*base.glob("locale/*/LC_MESSAGES/django.mo"), *base.glob("cop/formats/**/*.py")]
    code = [Path(str(module.__file__)) for module in (ics, discreet, text, time)]
    digest = sha256(f"{icalendar.__version__} {tzdata.__version__}".encode())
    for path in sorted([*words, *code]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _answer(
    request: HttpRequest, etag: str, build: Callable[[], str], *, language: str, scope: str
) -> HttpResponse:
    response = HttpResponse(content_type="text/calendar; charset=utf-8")
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = f"{scope}, max-age={MINUTES_15}"
    known = get_conditional_response(request, etag=etag, response=response)
    if known is response:
        response.content = _built(etag, build, language)
        response.headers["Content-Language"] = language
    # The address is a key (ICS-7); no form of ours stands behind it.
    known.headers["Referrer-Policy"] = "no-referrer"
    return known


def _built(etag: str, build: Callable[[], str], language: str) -> bytes:
    """Many who come without an ETag get what was built for the first of them."""
    key = f"calendar:{etag}"
    found = store.get(key)
    if isinstance(found, bytes):
        return found
    with translation.override(language):
        built = build().encode()
    store.set(key, built, MINUTES_15)
    return built

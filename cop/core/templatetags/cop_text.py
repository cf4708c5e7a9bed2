from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString

from cop.core import html, time
from cop.core.mail import one_line as clean_line
from cop.core.text import localized

register = template.Library()


@register.filter
def localized_text(obj: Any, field: str) -> str:  # noqa: ANN401  any model with texts
    """{{ community|localized_text:"name" }}: in the reader's language, else in the other."""
    return localized(obj, field) if obj else ""


@register.filter
def one_line(text: object) -> str:
    """For what stands in a line of a plain text: nobody's title opens a paragraph of its own."""
    return clean_line(str(text or ""))


@register.filter
def markdown(text: str) -> SafeString:
    return html.markdown(text or "")


@register.filter
def zone_label(zone: str) -> str:
    return time.zone_label(zone)


@register.simple_tag
def span(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """Thursday 11 March, 10:00 to 11:30 a.m. Pacific time."""
    return time.say_span(starts_at, ends_at, zone, now=timezone.now())


@register.simple_tag
def moment(instant: datetime, zone: str) -> str:
    """Thursday 11 March, 10:00 a.m. Pacific time."""
    clock = time.say_clock(instant.astimezone(ZoneInfo(zone)))
    return f"{time.say_date(instant, zone, now=timezone.now())}, {clock} {time.zone_label(zone)}"


@register.filter
def day(instant: datetime, zone: str) -> str:
    return time.say_date(instant, zone, now=timezone.now())


@register.simple_tag
def hours(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    return time.say_hours(starts_at, ends_at, zone)

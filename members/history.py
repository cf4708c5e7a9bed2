"""History in words. The rows keep codes; people read sentences."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cop.core.models import AuditEvent
from cop.core.time import say_clock, say_date
from members.history_words import ACTIONS, AT_THE_DESK, REASONS

# Whose choices the codes in `old` and `new` come from.
STATE_FIELDS = ("state", "status", "role", "category", "scan_state", "visibility")
MOMENT = "%Y-%m-%dT%H:%MZ"


def say_action(action: str) -> str:
    words = ACTIONS.get(action)
    if words is None and action.endswith("_added"):
        words = _("Added")
    elif words is None and action.endswith("_changed"):
        words = _("Changed")
    return str(words or action.replace("_", " ").replace(".", ": ").capitalize())


def say_code(code: str) -> str:
    """A reason as it is kept on a row."""
    return str(REASONS.get(code, code))


def say_kind(object_type: str) -> str:
    model = _model(object_type)
    return capfirst(model._meta.verbose_name) if model else object_type


def say_application_state(code: str) -> str:
    return say_value("members.membershipapplication", code)


def say_value(object_type: str, code: str, zone: str = "UTC") -> str:
    """A state, role or moment as it was noted, in words. Numbers stay as they are."""
    model = _model(object_type)
    if object_type == "members.membershipapplication" and code in AT_THE_DESK:
        return str(AT_THE_DESK[code])
    for field in model._meta.concrete_fields if model else ():
        labels = dict(field.flatchoices) if field.name in STATE_FIELDS else {}
        if code in labels:
            return str(labels[code])
    return _say_moment(code, zone)


def _say_moment(code: str, zone: str) -> str:
    try:
        at = datetime.strptime(code, MOMENT).replace(tzinfo=ZoneInfo("UTC"))
    except ValueError:
        return code
    return f"{say_date(at, zone)}, {say_clock(at.astimezone(ZoneInfo(zone)))}"


def say_reason(event: AuditEvent) -> str:
    """Codes and field names in words; a sentence of a person as it was written."""
    if event.action == "issue_sent" and event.reason.isdecimal():
        count = int(event.reason)
        return ngettext("to %(n)d person", "to %(n)d people", count) % {"n": count}
    if event.action.startswith("mail_") and event.reason.isdecimal():
        count = int(event.reason)
        return ngettext("%(n)d mail", "%(n)d mails", count) % {"n": count}
    words = [_say_part(event.object_type, part) for part in event.reason.split(", ")]
    return ", ".join(word for word in words if word) if all(words) else event.reason


def _say_part(object_type: str, part: str) -> str:
    if part in REASONS:
        return str(REASONS[part])
    model = _model(object_type)
    try:
        field = model._meta.get_field(part) if model else None
    except FieldDoesNotExist:
        return ""
    return str(getattr(field, "verbose_name", ""))


def names_of(events: Iterable[AuditEvent]) -> dict[tuple[str, str], str]:
    """(kind, id) -> the name of the thing, for those that still exist. One query a kind."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for event in events:
        wanted[event.object_type].add(event.object_id)
    names = {}
    for kind, ids in wanted.items():
        model = _model(kind)
        for key, row in _rows(model, ids) if model else ():
            names[kind, key] = str(row)
    return names


def _rows(model: type[Model], ids: set[str]) -> list[tuple[str, Model]]:
    fields = model._meta.concrete_fields
    key = "public_id" if any(field.name == "public_id" for field in fields) else "pk"
    if key == "pk":
        ids = {one for one in ids if one.isdecimal()}
    related = [field.name for field in fields if field.many_to_one]
    rows = model._default_manager.filter(**{f"{key}__in": ids}).select_related(*related)
    return [(str(getattr(row, key)), row) for row in rows.order_by("pk")]


def _model(object_type: str) -> type[Model] | None:
    try:
        return apps.get_model(object_type)
    except (LookupError, ValueError):
        return None


def describe(event: AuditEvent, zone: str) -> dict[str, str]:
    """One entry of components/timeline.html."""
    at = event.at.astimezone(ZoneInfo(zone))
    return {
        "at": f"{say_date(event.at, zone)}, {say_clock(at)}",
        "text": f"{say_action(event.action)} · {event.actor or _('the system')}",
        "detail": say_reason(event),
    }

"""Which of our mails something is about, by the marks that every mail of ours carries."""

import re
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings

from outbox.addresses import read_bounce_address
from outbox.models import Delivery

ADDRESS = re.compile(r"[^\s<>,;\"]+@[^\s<>,;\"]+")
NUMBER = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# Where providers hand our envelope sender or our Message-ID back.
KEYS = {"message-id", "smtp-id", "source", "msg_from", "mail_from"}


def delivery_id_in(text: str) -> uuid.UUID | None:
    """The number in our Message-ID or in our bounce address, whose seal is checked."""
    for word in ADDRESS.findall(text[:2000]):
        sealed = read_bounce_address(word)
        if sealed is not None:
            return sealed
        local, _at, domain = word.partition("@")
        if domain.lower() == settings.MAIL_DOMAIN.lower() and re.fullmatch(NUMBER, local.lower()):
            return uuid.UUID(local)
    return None


def find_delivery(texts: Iterable[str]) -> Delivery | None:
    for text in texts:
        number = delivery_id_in(text)
        if number is not None:
            rows = Delivery.objects.select_related("person", "mailing_list")
            return rows.filter(pk=number).first()
    return None


def marks_in(event: Any, depth: int = 6) -> Iterator[str]:  # noqa: ANN401  any JSON
    """The values in a provider's report that may be ours, wherever it keeps them."""
    if depth == 0:
        return
    if isinstance(event, list):
        for item in event[:200]:
            yield from marks_in(item, depth - 1)
    if not isinstance(event, dict):
        return
    if str(event.get("name", "")).lower() in KEYS and isinstance(event.get("value"), str):
        yield event["value"]
    for key, value in event.items():
        if isinstance(value, str) and str(key).lower() in KEYS:
            yield value
        elif isinstance(value, dict | list):
            yield from marks_in(value, depth - 1)

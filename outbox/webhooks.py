"""What mail providers tell us: bounces, complaints, unsubscribing at their side.

django-anymail knows their words and checks their signatures or passwords. MAIL_EVENTS names the
providers and their secrets; for all others the address does not exist.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import structlog
from anymail.exceptions import AnymailConfigurationError, AnymailError
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason, tracking
from django.conf import settings
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt

from outbox.actions.events import note_event
from outbox.models import MailEvent
from outbox.providers import FRESH, PROVIDERS, is_soft, signed_at
from outbox.traces import find_delivery, marks_in
from outbox.verdicts import POLICY, verdict

Kind = MailEvent.Kind
# Refused by the provider itself, from its own list of bad addresses.
BY_REASON = {
    RejectReason.INVALID: Kind.HARD_BOUNCE,
    RejectReason.BOUNCED: Kind.HARD_BOUNCE,
    RejectReason.SPAM: Kind.COMPLAINT,
    RejectReason.UNSUBSCRIBED: Kind.UNSUBSCRIBE,
}
log = structlog.get_logger("outbox")


@csrf_exempt  # a machine posts; its signature or password is the proof
def mail_event(request: HttpRequest, provider: str) -> HttpResponse:
    """The address of one provider. What cannot be read is refused with 400, never half taken."""
    secret = settings.MAIL_EVENTS.get(provider)
    if not secret or provider not in PROVIDERS:
        raise Http404
    if request.method == "POST" and not _is_fresh(request, provider):
        log.warning("mail_event_stale", provider=provider)
        return HttpResponseBadRequest()
    try:
        return _view(provider, secret)(request)
    except (AnymailError, AnymailConfigurationError, RecursionError) as error:
        log.warning("mail_event_refused", provider=provider, error=type(error).__name__)
        return HttpResponseBadRequest()


def _is_fresh(request: HttpRequest, provider: str) -> bool:
    """Where the provider signs the time: not older than five minutes, nor from the future."""
    if provider not in FRESH:
        return True
    moment = signed_at(provider, request)
    return moment is not None and abs(timezone.now().timestamp() - moment) <= FRESH[provider]


@lru_cache(maxsize=32)
def _view(provider: str, secret: str) -> Any:  # noqa: ANN401
    path, option = PROVIDERS[provider]
    base = import_string(path)
    view = type("TrackingView", (_Careful, base), {"provider": provider, option: None})
    return view.as_view(**{option: secret})


class _Careful:
    """What is not as anymail expects is refused in one way, proof or no proof."""

    def run_validators(self, request: HttpRequest) -> None:
        with _refusing():
            super().run_validators(request)  # type: ignore[misc]

    def parse_events(self, request: HttpRequest) -> list[AnymailTrackingEvent]:
        with _refusing():
            return super().parse_events(request)  # type: ignore[misc]


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise AnymailError(type(error).__name__) from None


@receiver(tracking)
def take_event(sender: Any, event: AnymailTrackingEvent, **kwargs: Any) -> None:  # noqa: ANN401
    """An error here answers 500, and the provider tells us again later."""
    provider = getattr(sender, "provider", "")
    kind = kind_of(provider, event)
    if kind is None:
        return
    note_event(
        provider=provider,
        event_id=str(event.event_id or "") or _fingerprint(event),
        kind=kind,
        delivery=find_delivery([str(event.message_id or ""), *marks_in(event.esp_event)]),
        address=str(event.recipient or ""),
        detail=_words(event),
        at=_aware(event.timestamp),
        now=timezone.now(),
    )


def kind_of(provider: str, event: AnymailTrackingEvent) -> str | None:
    """What of it concerns us: nothing of opens, clicks, and tries that go on."""
    if event.event_type == EventType.COMPLAINED:
        return Kind.COMPLAINT
    if event.event_type == EventType.UNSUBSCRIBED:
        return Kind.UNSUBSCRIBE
    if event.event_type == EventType.REJECTED:
        return BY_REASON.get(event.reject_reason)
    if event.event_type != EventType.BOUNCED or verdict(_words(event)) == POLICY:
        return None
    return Kind.SOFT_BOUNCE if is_soft(provider, event) else Kind.HARD_BOUNCE


def _words(event: AnymailTrackingEvent) -> str:
    return " ".join(str(part) for part in (event.mta_response, event.description) if part)


def _fingerprint(event: AnymailTrackingEvent) -> str:
    """For providers that number nothing: the same report has the same words."""
    whole = json.dumps(event.esp_event, sort_keys=True, default=str)
    return hashlib.sha256(whole.encode()).hexdigest()


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment

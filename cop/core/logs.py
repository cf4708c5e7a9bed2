"""Structured logs that carry ids and never a name, an address or a token."""

import logging.config
import re
import time
import uuid
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

ADDRESS = re.compile(r"[^\s<>\"'=/:]+@[^\s<>\"',;)]+")
# What ends a line or steers a terminal. The renderers see to \n.
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")
TOKEN = re.compile(r"(/m/|/account/link/)[^/\s\"']+")
requests = structlog.get_logger("requests")


def scrub(value: Any) -> Any:  # noqa: ANN401  whatever a caller logs
    """Put a mark where an e-mail address or the token of a signed link stood."""
    if isinstance(value, str):
        value = CONTROLS.sub(" ", value)
        return TOKEN.sub(r"\1[token]", ADDRESS.sub("[address]", value))
    if isinstance(value, dict):
        return {key: scrub(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [scrub(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    # An object says more of itself than we want: Django hands the whole request to its log.
    return type(value).__name__


def _scrub_event(
    logger: Any,  # noqa: ANN401
    method: str,
    event: MutableMapping[str, Any],
) -> MutableMapping[str, Any]:
    return {key: scrub(value) for key, value in event.items()}


def logging_config(*, level: str, as_json: bool) -> None:
    """Everything to standard output, one line an event, UTC."""
    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _scrub_event,
    ]
    renderer = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.processors.LogfmtRenderer(
            key_order=["timestamp", "level", "logger", "event"]
        )
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": formatter},
            "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["out"], "level": level},
            "loggers": {
                # Django names the path, which may hold the token of a signed link.
                "django.request": {"level": "ERROR"},
                "django.server": {"level": "ERROR"},
                "css_inline": {"level": "ERROR"},
            },
        }
    )


class RequestLogMiddleware:
    """One line a request: the route's name, not the path; the person's number, not the name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        structlog.contextvars.bind_contextvars(request=uuid.uuid4().hex[:12])
        try:
            response = self.get_response(request)
        finally:
            structlog.contextvars.unbind_contextvars("request")
        match = request.resolver_match
        user = getattr(request, "user", None)
        requests.info(
            "request",
            method=request.method,
            route=match.view_name if match else "unknown",
            status=response.status_code,
            ms=round((time.perf_counter() - started) * 1000, 1),
            person=user.pk if user is not None and user.is_authenticated else None,
        )
        return response

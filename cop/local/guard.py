"""Keeps the pages of `make run` on the computer of the person who runs it."""

import functools
import ipaddress
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
# A proxy on this computer speaks for somebody elsewhere.
BY_PROXY = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_VIA")


def is_local(request: HttpRequest) -> bool:
    """In local mode, asked from this very computer, and by no go-between."""
    if not settings.LOCAL_MODE or any(name in request.META for name in BY_PROXY):
        return False
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def local_only(view: View[P]) -> View[P]:
    """Everywhere else the page does not exist."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not is_local(request):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded

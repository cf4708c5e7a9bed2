import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cop.core.time import DEFAULT_ZONE, ZONES

GetResponse = Callable[[HttpRequest], HttpResponse]
ZONE_COOKIE = "zone"


class LocaleAndZoneMiddleware:
    """The person's language and zone; a visitor's from cookie or browser. Sets `request.zone`."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated:
            language, request.zone = user.language, user.timezone
        else:
            language = translation.get_language_from_request(request)
            zone = request.COOKIES.get(ZONE_COOKIE, "")
            request.zone = zone if zone in ZONES else None
        clock = ZoneInfo(request.zone or DEFAULT_ZONE)
        with translation.override(language), timezone.override(clock):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
            return response


class StaffSessionMiddleware:
    """Staff sessions are short, and the desk opens to a second factor only (ASVS 6.3.3, 7.3)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and request.user.is_staff:
            if self._is_over(request):
                logout(request)
                messages.info(request, _("You were signed out after a quiet while. Sign in again."))
                return redirect(
                    f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': request.path})}"
                )
            if self._lacks_second_factor(request):
                return self._to_second_factor(request)
        return self.get_response(request)

    def _is_over(self, request: HttpRequest) -> bool:
        now = int(time.time())
        started = request.session.setdefault("staff_since", now)
        last = request.session.get("staff_seen", now)
        # Written once a minute at most: not every click is worth a write.
        if now - last >= 60 or "staff_seen" not in request.session:
            request.session["staff_seen"] = now
        idle = now - last > settings.STAFF_IDLE_MINUTES * 60
        return idle or now - started > settings.STAFF_SESSION_HOURS * 3600

    def _lacks_second_factor(self, request: HttpRequest) -> bool:
        if not request.path.startswith(f"/{settings.DESK_PATH}/"):
            return False
        return not has_second_factor(request)

    def _to_second_factor(self, request: HttpRequest) -> HttpResponse:
        if is_mfa_enabled(request.user):
            target = reverse("mfa_reauthenticate")
        else:
            target = reverse("mfa_activate_totp")
            messages.info(
                request,
                _(
                    "The desk holds other people's data, so it asks for a second step at sign-in. "
                    "Set it up once, now."
                ),
            )
        return redirect(f"{target}?{urlencode({'next': request.path})}")


def has_second_factor(request: HttpRequest) -> bool:
    """Did this session pass an authenticator app or a passkey?"""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)

import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cop.core.time import DEFAULT_ZONE, ZONES
from members.access import has_role
from members.actions.viewing import note_viewed_page
from members.models import Community

GetResponse = Callable[[HttpRequest], HttpResponse]
ZONE_COOKIE = "zone"
# In the session: which community is looked at with a member's eyes, since when.
MEMBER_VIEW = "member_view"
MEMBER_VIEW_MINUTES = 30


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


class MemberViewMiddleware:
    """A coordinator looks at her community as a member sees it (P3): its pages, reading only.

    Each page is noted. What is no page of the community, and every act, waits until she ends it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = request.user
        begun = request.session.get(MEMBER_VIEW) if person.is_authenticated else None
        if begun is None:
            return self.get_response(request)
        community = Community.objects.public().filter(public_id=begun["community"]).first()
        is_over = time.time() - begun["at"] > MEMBER_VIEW_MINUTES * 60
        if community is None or is_over or not has_role(person, community, "coordinator"):
            del request.session[MEMBER_VIEW]
            return self.get_response(request)
        own = reverse("members:community_detail", args=[community.slug])
        ends = reverse("members:member_view_end", args=[community.slug])
        if request.path in {ends, reverse("account_logout")}:
            return self.get_response(request)
        request.member_view = request.community = community
        if request.method not in {"GET", "HEAD"} or not request.path.startswith(own):
            return render(request, "members/member_view_closed.html", status=403)
        note_viewed_page(community=community, by=person, path=request.path)
        person.sees_as_member_of = community
        # Never saved: for this request nobody is staff.
        person.is_staff = person.is_superuser = False
        return self.get_response(request)


def has_second_factor(request: HttpRequest) -> bool:
    """Did this session pass an authenticator app or a passkey?"""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)

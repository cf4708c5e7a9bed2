from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_vary_headers

from cop.health import health_report

GetResponse = Callable[[HttpRequest], HttpResponse]


class HealthMiddleware:
    """Answers /healthz before hosts, redirects and sessions: a probe knows none of these."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path != "/healthz":
            return self.get_response(request)
        report = health_report(now=timezone.now())
        response = JsonResponse(report, status=200 if report["ok"] else 503)
        response["Cache-Control"] = "no-store"
        return response


class PrivatePagesMiddleware:
    """What a signed-in person sees is kept by no cache and found by no search engine."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        by_token = request.path.startswith("/m/")
        if by_token:
            response.headers["Referrer-Policy"] = "no-referrer"
        if by_token or request.user.is_authenticated:
            response.headers.setdefault("X-Robots-Tag", "noindex, nofollow")
            if not response.has_header("Cache-Control"):
                add_never_cache_headers(response)
                patch_vary_headers(response, ["Cookie"])
        return response

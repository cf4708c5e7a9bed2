import logging
from collections.abc import Callable
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import get_template
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from psycopg2.errors import DiskFull

from cop.core.storages import NoRoom, StorageAway
from cop.health import health_report

logger = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]
# Addresses that carry a signed link.
TOKEN_PATHS = ("/m/", "/account/link/")


class FrontDoorMiddleware:
    """Before hosts, redirects and sessions: /healthz, whose probe knows none of these; and a plain
    no to addresses with a NUL in them, which PostgreSQL cannot even look for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or "\x00" in unquote(request.META.get("QUERY_STRING", "")):
            return HttpResponse("Not found.", status=404, content_type="text/plain")
        if request.path != "/healthz" or request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        report = health_report(now=timezone.now())
        response = JsonResponse(report, status=200 if report["ok"] else 503)
        response["Cache-Control"] = "no-store"
        response["X-Content-Type-Options"] = "nosniff"
        return response


class StorageTroubleMiddleware:
    """A full disk, of files or the database, or a bucket that does not answer, is nobody's doing:
    a page that says so (F19)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        is_full = isinstance(error, NoRoom) or isinstance(error.__cause__, DiskFull)
        if not is_full and not isinstance(error, StorageAway):
            return None
        logger.error("no_room" if is_full else "storage_away")
        status = 507 if is_full else 503
        return HttpResponse(get_template(f"{status}.html").render({}), status=status)


class PrivatePagesMiddleware:
    """What a signed-in person sees is kept by no cache and found by no search engine."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        by_token = request.path.startswith(TOKEN_PATHS)
        if by_token:
            # No other site learns the address. "no-referrer" would make browsers post the forms of
            # these pages with `Origin: null`, which the check against forged posts refuses.
            response.headers.setdefault("Referrer-Policy", "same-origin")
        if by_token or request.user.is_authenticated:
            response.headers.setdefault("X-Robots-Tag", "noindex, nofollow")
            if not response.has_header("Cache-Control"):
                add_never_cache_headers(response)
                patch_vary_headers(response, ["Cookie"])
        return response

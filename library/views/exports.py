"""Take the library with you: the list for everybody who may see it, the files for members."""

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cop.core.audit import record
from cop.core.uploads import MEGABYTE
from library import exports
from members.access import may_see_audience, with_community
from members.models import Community

AN_HOUR = 3600


@require_safe
@with_community
def export_csv(request: HttpRequest, community: Community) -> HttpResponseBase:
    rows = exports.to_export(community, request.user)
    lines = exports.csv_lines(rows, community)
    return _download(lines, "text/csv; charset=utf-8", f"{_stem(community)}.csv")


@require_safe
@login_required
@with_community
def export_zip(request: HttpRequest, community: Community) -> HttpResponseBase:
    """At most 500 MB, and once an hour: it holds a line to the disk for minutes."""
    if not may_see_audience(request.user, community, "members"):
        raise PermissionDenied(_("Members take the files with them."))
    rows = exports.to_export(community, request.user)
    if exports.size_of_files(rows) > exports.MOST_BYTES:
        text = _(
            "All files together are more than %(limit)s MB. Take the list (CSV), and the files you "
            "need one by one."
        )
        messages.error(request, text % {"limit": exports.MOST_BYTES // MEGABYTE})
        return redirect("library:resource_list", community.slug)
    if request.method == "GET" and not _is_first(request, community):
        messages.error(request, _("You took the files within the last hour. Try again later."))
        return redirect("library:resource_list", community.slug)
    pieces = exports.zip_pieces(rows, community)
    return _download(pieces, "application/zip", f"{_stem(community)}.zip")


def _is_first(request: HttpRequest, community: Community) -> bool:
    key = f"library-export:{community.pk}:{request.user.pk}"
    if not cache.add(key, 1, timeout=AN_HOUR):
        return False
    scope = community.public_id
    record("library.list_exported", community, by=request.user, scope=scope, new="zip")
    return True


def _stem(community: Community) -> str:
    day: date = timezone.localdate()
    return f"{community.slug}-library-{day.isoformat()}"


def _download(content: object, kind: str, name: str) -> HttpResponseBase:
    response = StreamingHttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["X-Accel-Buffering"] = "no"
    return response

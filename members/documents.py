"""Papers are read in two steps: a page asks who may, and a signed address of minutes hands out."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render

from cop.core import scan, serving
from cop.core.links import BadLink, make_token, read_token
from members.models import AppealFile, Evidence, User

Paper = Evidence | AppealFile
PURPOSE = "paper"
READ_WITHIN = timedelta(minutes=2)


def document_response(request: HttpRequest, paper: Paper) -> HttpResponseBase:
    """For a view that has asked whether this person may read it: the way to the file.

    404 once it is deleted; closed until the scanner has seen it.
    """
    if not is_there(paper):
        raise Http404
    if not scan.may_serve(paper.scan_state):
        return _closed(request, paper)
    return redirect("members:paper", paper_token(paper, request.user))


def paper_token(paper: Paper, person: User) -> str:
    """For this paper, this person and the next two minutes."""
    return make_token(PURPOSE, [paper._meta.model_name, paper.public_id, person.public_id])


def paper_of(token: str, person: User) -> Paper | None:
    """The paper that this person was just let through to; None for everybody else and later."""
    try:
        kind, public_id, reader = read_token(
            PURPOSE, token, max_age=int(READ_WITHIN.total_seconds())
        )
    except (BadLink, TypeError, ValueError):
        return None
    if reader != person.public_id:
        return None
    rows: Any = Evidence.objects.select_related("criterion__community")
    if kind == AppealFile._meta.model_name:
        rows = AppealFile.objects.select_related("appeal__application__community")
    return rows.filter(public_id=public_id).first()


def file_response(request: HttpRequest, paper: Paper) -> HttpResponseBase:
    """The file as an attachment, if it is still there and still clean."""
    if not is_there(paper):
        raise Http404
    if not scan.may_serve(paper.scan_state):
        return _closed(request, paper)
    try:
        return serving.file_response(request, paper.document, paper.document_name)
    except FileNotFoundError as error:
        raise Http404 from error


def is_there(paper: Paper) -> bool:
    return reading_state(paper) not in {"none", "deleted"}


def reading_state(paper: Paper) -> str:
    """none, deleted, harmful, waits or open: what a page says where the link would stand."""
    purged = paper.document_purged_at if isinstance(paper, Evidence) else paper.purged_at
    if purged is not None:
        return "deleted"
    if not paper.document:
        return "none"
    if paper.scan_state == scan.ScanState.INFECTED:
        return "harmful"
    return "open" if scan.may_serve(paper.scan_state) else "waits"


def _closed(request: HttpRequest, paper: Paper) -> HttpResponseBase:
    return render(request, "members/document_waits.html", {"evidence": paper}, status=403)

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render

from cop.core import scan
from cop.core.uploads import attachment_response
from members.models import Evidence


def document_response(request: HttpRequest, evidence: Evidence) -> HttpResponseBase:
    """The file as an attachment. 404 once it is deleted; closed until the scanner has seen it."""
    if not evidence.document or evidence.document_purged_at:
        raise Http404
    if not scan.may_serve(evidence.scan_state):
        return render(request, "members/document_waits.html", {"evidence": evidence}, status=403)
    return attachment_response(evidence.document, evidence.document_name)

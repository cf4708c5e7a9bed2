from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render

from cop.core import scan
from cop.core.uploads import attachment_response
from members.models import AppealFile, Evidence


def document_response(request: HttpRequest, evidence: Evidence) -> HttpResponseBase:
    """The file as an attachment. 404 once it is deleted; closed until the scanner has seen it."""
    if not evidence.document or evidence.document_purged_at:
        raise Http404
    if not scan.may_serve(evidence.scan_state):
        return render(request, "members/document_waits.html", {"evidence": evidence}, status=403)
    return attachment_response(evidence.document, evidence.document_name)


def appeal_file_response(request: HttpRequest, file: AppealFile) -> HttpResponseBase:
    """A paper of an appeal, in the same way."""
    if not file.document or file.purged_at:
        raise Http404
    if not scan.may_serve(file.scan_state):
        return render(request, "members/document_waits.html", {"evidence": file}, status=403)
    return attachment_response(file.document, file.document_name)

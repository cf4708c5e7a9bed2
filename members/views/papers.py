from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from members.actions.appeals import record_file_view
from members.actions.documents import record_document_view
from members.documents import file_response, paper_of
from members.models import Evidence


@require_safe
@login_required
def paper(request: HttpRequest, token: str) -> HttpResponseBase:
    """The file itself, for the one who was let through to it minutes ago; each reading is noted."""
    found = paper_of(token, request.user)
    if found is None:
        return render(request, "members/paper_over.html", status=404)
    response = file_response(request, found)
    if response.status_code != 200:
        return response
    if isinstance(found, Evidence):
        record_document_view(evidence=found, by=request.user)
    else:
        record_file_view(file=found, by=request.user)
    return response

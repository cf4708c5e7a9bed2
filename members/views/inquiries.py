from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from cop.core.errors import ActionError
from members.actions.inquiries import agree_to_inquiry, refuse_inquiry
from members.models import IssuerInquiry

ANSWERS = {
    "yes": (agree_to_inquiry, gettext_lazy("Thank you. We ask them now, in these words.")),
    "no": (
        refuse_inquiry,
        gettext_lazy("All right. Nobody is asked, and we go on with what we have."),
    ),
}


@require_POST
@login_required
def application_inquiry(request: HttpRequest, public_id: str, inquiry_id: str) -> HttpResponse:
    """The applicant's yes or no to a question for the office that issued a paper."""
    rows = IssuerInquiry.objects.select_related(
        "application__community", "application__person", "application__organization"
    )
    inquiry = get_object_or_404(
        rows,
        public_id=inquiry_id,
        application__public_id=public_id,
        application__person=request.user,
    )
    if request.POST.get("answer") not in ANSWERS:
        raise Http404
    act, told = ANSWERS[request.POST["answer"]]
    try:
        act(inquiry=inquiry, person=request.user, now=timezone.now())
    except ActionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, told)
    return redirect(inquiry.application)

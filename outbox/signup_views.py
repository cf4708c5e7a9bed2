"""The second half of a double opt-in: the link in the mail."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from cop.core.links import BadLink, read_token
from outbox.actions import confirm_subscription
from outbox.actions.signup import CONFIRM_DAYS, find_asker
from outbox.links import address_choices_url, choices_url
from outbox.wordings import CONFIRM

SECONDS = CONFIRM_DAYS * 24 * 3600


@csrf_exempt  # only who has the link can post to it
@require_http_methods(["GET", "HEAD", "POST"])
def subscription_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button and changes nothing. POST is the yes, as often as it comes."""
    try:
        read_token("confirm", token)
    except BadLink as error:
        raise Http404 from error
    try:
        found = find_asker(read_token("confirm", token, max_age=SECONDS))
    except BadLink:
        found = None
    if found is None:
        return render(request, "outbox/subscription_confirm.html", {"is_late": True}, status=410)
    reader, mailing_list = found
    context = {"listing": mailing_list, "label": CONFIRM, "done": request.method == "POST"}
    if request.method == "POST":
        row = confirm_subscription(reader=reader, mailing_list=mailing_list, now=timezone.now())
        person = row.person
        context["choices_url"] = (
            choices_url(person, mailing_list.scope) if person else address_choices_url(row)
        )
    return render(request, "outbox/subscription_confirm.html", context)

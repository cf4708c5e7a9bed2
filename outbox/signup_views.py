"""The second half of a double opt-in: the link in the mail."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from cop.core.links import BadLink, read_token
from outbox.actions import confirm_subscription
from outbox.actions.signup import CONFIRM_DAYS, find_asker, source_of, subscribed
from outbox.links import address_choices_url, choices_url
from outbox.wordings import CONFIRM

SECONDS = CONFIRM_DAYS * 24 * 3600


@csrf_exempt  # only who has the link can post to it
@require_http_methods(["GET", "HEAD", "POST"])
def subscription_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button, or that it is done, and changes nothing. POST is the yes."""
    try:
        payload = read_token("confirm", token)
    except BadLink as error:
        raise Http404 from error
    try:
        found = find_asker(read_token("confirm", token, max_age=SECONDS))
    except BadLink:
        found = None
    if found is None:
        return render(request, "outbox/subscription_confirm.html", {"is_late": True}, status=410)
    reader, mailing_list = found
    if request.method == "POST":
        row = confirm_subscription(
            reader=reader, mailing_list=mailing_list, now=timezone.now(), source=source_of(payload)
        )
        if row.person is not None and reader.person is None:
            # The address has an account by now, and this link knows the address alone.
            return redirect(f"{choices_url(row.person, mailing_list.scope)}?did=save")
        response = redirect("outbox:subscription_confirm", token=token)
        response["Location"] += "?done=1"
        return response
    context = {"listing": mailing_list, "label": CONFIRM}
    row = subscribed(reader, mailing_list)
    if row is not None:
        context["state"] = "done" if "done" in request.GET else "known"
        context["choices_url"] = (
            choices_url(row.person, mailing_list.scope) if row.person else address_choices_url(row)
        )
    return render(request, "outbox/subscription_confirm.html", context)

from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from cop.core.links import BadLink, read_token
from outbox.actions import resubscribe, unsubscribe_subscription, update_subscriptions
from outbox.forms import MailChoicesForm
from outbox.models import MailingList, Subscription


@csrf_exempt  # the mail program posts without a cookie; the token is the proof (RFC 8058)
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button and changes nothing: mail scanners open every link. POST acts."""
    try:
        number = read_token("unsubscribe", token)
    except BadLink as error:
        raise Http404 from error
    row = Subscription.objects.select_related("mailing_list").filter(pk=number).first()
    done = request.method == "POST"
    if done and row is not None:
        if request.POST.get("undo"):
            resubscribe(subscription=row, source="undo", now=timezone.now())
            done = False
            messages.info(request, _("You are on the list again."))
        else:
            unsubscribe_subscription(subscription=row, source="mail link", now=timezone.now())
    listing = row.mailing_list if row else None
    is_on = row is not None and row.state == Subscription.State.SUBSCRIBED
    context = {"listing": listing, "is_on": is_on, "done": done or not is_on}
    return render(request, "outbox/unsubscribe.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def choices_edit(request: HttpRequest, token: str) -> HttpResponse:
    """What one community may send to the person of the link, without signing in."""
    person, scope = _person_of(token)
    lists = MailingList.objects.filter(scope=scope)
    if person is None or not lists.exists():
        raise Http404
    current = set(
        lists.filter(
            subscriptions__person=person, subscriptions__state=Subscription.State.SUBSCRIBED
        ).values_list("kind", flat=True)
    )
    form = MailChoicesForm(request.POST or None, current=current)
    if request.method == "POST" and form.is_valid():
        kinds = set(form.cleaned_data["lists"])
        update_subscriptions(
            person=person, scope=scope, kinds=kinds, source="mail link", now=timezone.now()
        )
        messages.success(request, _("Your choice is saved. It counts from now on."))
        return redirect("outbox:choices_edit", token=token)
    sender = lists.values_list("sender_name", flat=True)[0]
    return render(request, "outbox/choices_edit.html", {"form": form, "sender": sender})


def _person_of(token: str) -> tuple[Any, str]:
    try:
        who, scope = read_token("choices", token)
    except (BadLink, TypeError, ValueError) as error:
        raise Http404 from error
    return get_user_model().objects.filter(public_id=who, is_active=True).first(), scope

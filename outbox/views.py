"""The pages behind the links of a mail. The signed token is the proof: no cookie, no sign-in."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from cop.core.links import BadLink, read_token
from outbox.actions import (
    change_choices,
    resubscribe,
    unsubscribe_address,
    unsubscribe_subscription,
)
from outbox.actions.consents import in_force
from outbox.choices import FOLDABLE, Choices, read_choices, say_done
from outbox.forms import MailChoicesForm
from outbox.links import address_choices_url, choices_url
from outbox.models import MailingList, Subscription
from outbox.readers import Reader

METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True)
class Stop:
    """What an unsubscribe link is about. Its account may be gone; the answer stays the same."""

    row: Subscription | None
    mailing_list: MailingList | None
    mark: str

    @property
    def is_on(self) -> bool:
        if self.row is not None:
            return self.row.state == Subscription.State.SUBSCRIBED
        return self.mailing_list is not None and not in_force(self.mailing_list, self.mark)


@csrf_exempt  # the mail program posts without a cookie; the token is the proof (RFC 8058)
@require_http_methods(METHODS)
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button and changes nothing: mail scanners open every link. POST acts."""
    stop, now = _read_stop(token), timezone.now()
    is_back = False
    if request.method == "POST":
        if stop.row is None:
            if stop.mailing_list is not None:
                unsubscribe_address(
                    mailing_list=stop.mailing_list, address_hash=stop.mark,
                    source="mail link", now=now,
                )  # fmt: skip
        elif request.POST.get("undo"):
            is_back = resubscribe(subscription=stop.row, source="undo", now=now)
        else:
            unsubscribe_subscription(subscription=stop.row, source="mail link", now=now)
        stop = _read_stop(token)
    context = {
        "listing": stop.mailing_list,
        "done": not stop.is_on,
        "is_back": is_back,
        "may_undo": stop.row is not None,
        # A link whose account is gone looks like one whose account is there.
        "has_account": stop.row is None or stop.row.person is not None,
        **_instead(stop),
    }
    return render(request, "outbox/unsubscribe.html", context)


def _read_stop(token: str) -> Stop:
    """A link of this year carries row, list and address hash; an older one only the row."""
    try:
        payload = read_token("unsubscribe", token)
        pk, public_id, mark = payload if isinstance(payload, list) else (int(payload), "", "")
    except (BadLink, TypeError, ValueError) as error:
        raise Http404 from error
    rows = Subscription.objects.select_related("mailing_list", "person")
    row = rows.filter(pk=pk).first()
    if row is not None and public_id in ("", row.mailing_list.public_id):
        return Stop(row, row.mailing_list, mark)
    return Stop(None, MailingList.objects.filter(public_id=public_id).first(), mark)


def _instead(stop: Stop) -> dict[str, Any]:
    """Less instead of nothing: the other choices, and the weekly digest where that is less."""
    if stop.row is None:
        return {}
    if stop.row.person is None:
        return {"choices_url": address_choices_url(stop.row)}
    scope = stop.mailing_list.scope
    url = choices_url(stop.row.person, scope)
    choices = read_choices(Reader.of(stop.row), scope, now=timezone.now())
    can_fold = stop.mailing_list.kind in FOLDABLE and choices.may_fold and choices.is_fewer
    return {"choices_url": url, "choices": choices, "can_fold": can_fold}


@csrf_exempt  # only who has the link can post to it; programs without cookies can too
@require_http_methods(METHODS)
def choices_edit(request: HttpRequest, token: str) -> HttpResponse:
    """What one community may send to the reader of the link, without signing in."""
    reader, scope = _read_reader(token)
    now = timezone.now()
    choices = read_choices(reader, scope, now=now)
    if choices is None:
        raise Http404
    if request.method == "POST":
        form = MailChoicesForm(request.POST, offered=choices.offered)
        if form.is_valid() and form.is_stale(choices.current):
            response = redirect("outbox:choices_edit", token=token)
            response["Location"] += "?did=stale"
            return response
        if form.is_valid():
            return _change(reader, choices, form, token)
    return render(request, "outbox/choices_edit.html", choices_context(request, choices))


def _change(reader: Reader, choices: Choices, form: MailChoicesForm, token: str) -> HttpResponse:
    change_choices(
        reader=reader,
        scope=choices.scope,
        do=form.what(choices.current),
        kinds=form.cleaned_data["lists"],
        offered=choices.offered,
        weeks=form.cleaned_data["weeks"],
        source="mail link",
        now=timezone.now(),
    )
    response = redirect("outbox:choices_edit", token=token)
    response["Location"] += told(form, choices)
    return response


def told(form: MailChoicesForm, before: Choices) -> str:
    """What the next page should say, in its address: there may be no cookie to keep it."""
    do = form.cleaned_data["do"]
    was = "".join(f"&was={kind}" for kind in before.offered if kind in before.current)
    return f"?did={do}{was if do == 'stop' else ''}"


def choices_context(
    request: HttpRequest, choices: Choices, *, is_asked: bool = True
) -> dict[str, Any]:
    """What outbox/_choices.html needs. `is_asked`: it is this form that was just sent."""
    did = request.GET.get("did", "") if is_asked else ""
    was = [kind for kind in request.GET.getlist("was") if kind in choices.offered]
    return {
        "choices": choices,
        "sender": choices.sender,
        "done": say_done(did, choices),
        "undo": was if did == "stop" and not choices.current else [],
    }


def _read_reader(token: str) -> tuple[Reader, str]:
    try:
        who, scope = read_token("choices", token)
    except (BadLink, TypeError, ValueError) as error:
        raise Http404 from error
    if isinstance(who, int):
        row = Subscription.objects.filter(pk=who, mailing_list__scope=scope, person=None).first()
        reader = Reader(address=row.address) if row else None
    else:
        person = get_user_model().objects.filter(public_id=who, is_active=True).first()
        reader = Reader(person) if person else None
    if reader is None:
        raise Http404
    return reader, scope

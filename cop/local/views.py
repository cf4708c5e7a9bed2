"""The pages of the local mailbox. They exist in local mode only, for this computer only."""

from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from cop.local.guard import local_only
from cop.local.messages import (
    arrived_at,
    attachments_of,
    delete_all,
    html_of,
    list_messages,
    read_message,
    text_of,
)

# The mail is a document of its own: no script, no form, nothing from outside.
MAIL_POLICY = (
    "sandbox allow-popups allow-top-navigation-by-user-activation; default-src 'none'; "
    "img-src 'self' data:; style-src 'unsafe-inline'"
)


def mail_folder() -> Path:
    return Path(settings.VAR_DIR) / "mail"


@require_safe
@local_only
@never_cache
def mailbox_list(request: HttpRequest) -> HttpResponse:
    to = request.GET.get("to", "").strip()
    found, has_more = list_messages(mail_folder(), to=to, before=request.GET.get("before", ""))
    older = urlencode({"to": to, "before": found[-1].name}) if has_more else ""
    context = {"mails": found, "to": to, "older": older}
    return render(request, "local/mailbox_list.html", context)


@require_safe
@local_only
@never_cache
def mailbox_detail(request: HttpRequest, name: str) -> HttpResponse:
    message = _get_message_or_404(name)
    files, text = attachments_of(message), text_of(message)
    labels = _labels(has_html=bool(html_of(message)), has_text=bool(text), files=len(files))
    part = request.GET.get("part", "")
    part = part if part in labels else next(iter(labels))
    context = {
        "name": name,
        "mail": message,
        "arrived_at": arrived_at(name),
        "part": part,
        "tabs": [
            {"label": label, "url": f"?part={key}", "current": key == part}
            for key, label in labels.items()
        ],
        "parents": [{"label": _("Local mailbox"), "url": reverse("mailbox_list")}],
        "text": text,
        "headers": [(key, str(value)) for key, value in message.items()],
        "files": files,
    }
    return render(request, "local/mailbox_detail.html", context)


@require_safe
@local_only
@never_cache
@xframe_options_sameorigin
def mailbox_html(request: HttpRequest, name: str) -> HttpResponse:
    # A link opens in the whole window, as it would from a mail program.
    html = '<base target="_top">' + html_of(_get_message_or_404(name))
    # The middleware leaves a policy alone that is already set.
    return HttpResponse(html, headers={"Content-Security-Policy": MAIL_POLICY})


@require_safe
@local_only
@never_cache
def mailbox_file(request: HttpRequest, name: str, number: int) -> HttpResponse:
    for one in attachments_of(_get_message_or_404(name)):
        if one.number == number:
            response = HttpResponse(one.content, content_type="application/octet-stream")
            quoted = one.name.replace('"', "").encode("ascii", "replace").decode()
            response["Content-Disposition"] = f'attachment; filename="{quoted}"'
            return response
    raise Http404


@require_POST
@local_only
def mailbox_delete(request: HttpRequest) -> HttpResponse:
    count = delete_all(mail_folder())
    text = ngettext("%(count)d e-mail is gone.", "%(count)d e-mails are gone.", count)
    messages.success(request, text % {"count": count} if count else _("The mailbox was empty."))
    return redirect("mailbox_list")


def _labels(*, has_html: bool, has_text: bool, files: int) -> dict[str, str]:
    """The tabs of a message, the one to show first in front."""
    labels = {"html": _("E-mail")} if has_html else {}
    labels |= {"text": _("Text")} if has_text or not has_html else {}
    count = {"count": files}
    labels |= {"headers": _("Headers")}
    return labels | ({"files": _("Attachments (%(count)d)") % count} if files else {})


def _get_message_or_404(name: str) -> EmailMessage:
    message = read_message(mail_folder(), name)
    if message is None:
        raise Http404
    return message

"""An issue as the mail that it will be: on a phone, on a desktop, as text."""

from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from members.mailing import CHOICES_MARK, UNSUBSCRIBE_MARK
from newsletter.emails import issue_email, preview_html
from newsletter.models import IssueItem, NewsletterIssue
from newsletter.rules import MAX_BYTES

LOOKS = {
    "phone": gettext_lazy("Phone"),
    "desktop": gettext_lazy("Desktop"),
    "dark": gettext_lazy("Dark"),
    "text": gettext_lazy("Text only"),
}
EDITIONS = {
    IssueItem.Edition.MEMBERS: gettext_lazy("Members"),
    IssueItem.Edition.MEMBERS_AND_ALLIES: gettext_lazy("Allies"),
    IssueItem.Edition.PUBLIC: gettext_lazy("Everybody"),
}


def _choice(params: QueryDict, name: str, known: dict[str, Any]) -> str:
    wanted = params.get(name, "")
    return wanted if wanted in known else next(iter(known))


def _tabs(chosen: dict[str, str], name: str, known: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "url": f"?{urlencode(chosen | {name: value})}",
            "current": chosen[name] == value,
        }
        for value, label in known.items()
    ]


@require_safe
def issue_preview(
    request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]
) -> HttpResponse:
    known = {"look": LOOKS, "edition": EDITIONS, "language": dict(settings.LANGUAGES)}
    chosen = {name: _choice(request.GET, name, values) for name, values in known.items()}
    email = issue_email(issue, chosen["edition"], chosen["language"])
    size = len(email.html.encode())
    context = {
        "title": _("Preview of newsletter %(number)s") % {"number": issue.number},
        "subtitle": issue.community,
        "issue": issue,
        "looks": _tabs(chosen, "look", LOOKS),
        "editions": _tabs(chosen, "edition", EDITIONS),
        "languages": _tabs(chosen, "language", known["language"]),
        "chosen": chosen,
        "subject": email.subject,
        "text": _without_marks(email.text),
        "kilobytes": round(size / 1000),
        "is_long": size > MAX_BYTES,
        "query": urlencode(chosen),
    }
    return render(request, "newsletter/desk/issue_preview.html", frame | context)


def _without_marks(text: str) -> str:
    """Each mail gets links of its own there."""
    for mark in (CHOICES_MARK, UNSUBSCRIBE_MARK):
        text = text.replace(mark, _("(a link for each reader)"))
    return text


# The mail carries its styles where they stand; nothing in it may run.
@csp_replace({
    "default-src": [NONE], "style-src": [UNSAFE_INLINE], "img-src": [SELF, "data:"],
    "frame-ancestors": [SELF], "script-src": [NONE], "connect-src": [NONE],
})  # fmt: skip
@xframe_options_sameorigin
@require_safe
def issue_mail(request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any]) -> HttpResponse:
    """The mail itself, for the frame of the preview."""
    edition = _choice(request.GET, "edition", EDITIONS)
    language = _choice(request.GET, "language", dict(settings.LANGUAGES))
    look = request.GET.get("look", "")
    if look == "text":
        text = _without_marks(issue_email(issue, edition, language).text)
        style = "margin:16px;font:15px/1.5 monospace;white-space:pre-wrap;overflow-wrap:anywhere"
        return HttpResponse(format_html('<pre style="{}">{}</pre>', style, text))
    html = preview_html(issue, edition, language)
    if look == "dark":
        html = html.replace("@media (prefers-color-scheme: dark)", "@media all")
    return HttpResponse(_from_here(html))


def _from_here(html: str) -> str:
    """The pictures of this site, without its name: the desk may have another one."""
    return html.replace(f'src="{settings.SITE_URL}/', 'src="/')

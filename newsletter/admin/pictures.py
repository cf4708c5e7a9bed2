"""A picture for one item: chosen, described, taken away again."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from newsletter.actions.pictures import put_picture
from newsletter.admin.common import CHANGE, title_of, try_it
from newsletter.models import NewsletterIssue


class PictureForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Picture"),
        required=False,
        help_text=gettext_lazy("JPG, PNG, WebP or GIF, at most 10 MB. We make it fit."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
    )
    alt = forms.CharField(
        label=gettext_lazy("What the picture shows"),
        max_length=250,
        help_text=gettext_lazy("One sentence, for people who do not see it."),
    )
    alt_fr = forms.CharField(
        label=gettext_lazy("What the picture shows, in French"), max_length=250, required=False
    )
    agreed = forms.BooleanField(
        label=gettext_lazy("Whoever can be recognized in it said yes to this use."),
        help_text=gettext_lazy("No residents, no clients, no licence plates, no door of a house."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def issue_picture(
    request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any], item: int
) -> HttpResponse:
    if not issue.is_editable:
        return redirect(CHANGE, issue.pk)
    rows = issue.items.select_related("picture").defer("picture__content")
    row = get_object_or_404(rows, pk=item)
    if request.method == "POST" and "remove" in request.POST:
        try_it(request, lambda: _put(request, issue, item, None))
        return redirect(CHANGE, issue.pk)
    known = {"alt": row.picture.alt, "alt_fr": row.picture.alt_fr} if row.picture else {}
    form = PictureForm(request.POST or None, request.FILES or None, initial=known)
    if request.method == "POST" and form.is_valid():
        if not form.cleaned_data["file"] and row.picture is None:
            form.add_error("file", _("Choose a picture."))
        elif try_it(request, lambda: _put(request, issue, item, form.cleaned_data)):
            return redirect(CHANGE, issue.pk)
    context = {
        "title": _("A picture for “%(title)s”") % {"title": row},
        "subtitle": title_of(issue),
        "issue": issue,
        "item": row,
        "form": form,
    }
    return render(request, "newsletter/desk/issue_picture.html", frame | context)


def _put(
    request: HttpRequest, issue: NewsletterIssue, item: int, values: dict[str, Any] | None
) -> str:
    wanted = {} if values is None else {k: values[k] for k in ("file", "alt", "alt_fr")}
    put_picture(issue=issue, item=item, by=request.user, now=timezone.now(), **wanted)
    return _("The picture is gone.") if values is None else _("The picture is in.")


@require_safe
def picture_file(
    request: HttpRequest, issue: NewsletterIssue, frame: dict[str, Any], public_id: str
) -> HttpResponse:
    """The picture itself, for those who work on the issue."""
    picture = get_object_or_404(issue.pictures, public_id=public_id)
    return HttpResponse(
        bytes(picture.content),
        content_type=picture.content_type,
        headers={"Cache-Control": "private, max-age=86400", "X-Content-Type-Options": "nosniff"},
    )

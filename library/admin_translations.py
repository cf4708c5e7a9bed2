"""Of what a resource is the translation: the page beside its form."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from library.actions import link_translation
from library.admin_frame import desk_page
from library.credit_forms import TranslationForm
from library.models import Resource


def translation_view(admin: Any, request: HttpRequest, resource: Resource) -> HttpResponse:  # noqa: ANN401
    back_url = reverse("admin:library_resource_change", args=[resource.pk])
    form = TranslationForm(request.POST or None, resource=resource)
    if form.is_valid():
        original = form.cleaned_data["original"]
        try:
            link_translation(resource=resource, original=original, by=request.user)
        except ActionError as error:
            form.add_error("original", str(error))
        else:
            done = (
                _("Readers find the one from the other now.")
                if original
                else _("They stand alone now.")
            )
            messages.success(request, done)
            return redirect(back_url)
    family = Resource.objects.filter(translation_of=resource).order_by("language", "pk")
    context = {
        "title": _("Translation"),
        "resource": resource,
        "translations": family.only("title", "language"),
        "form": form,
        "back_url": back_url,
    }
    return desk_page(admin, request, "resource_translation.html", context)

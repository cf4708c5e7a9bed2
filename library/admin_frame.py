"""A page of our own in the frame of the desk."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse


def desk_page(
    admin: Any,  # noqa: ANN401
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
) -> HttpResponse:
    """`template`: its name in library/admin/."""
    full = {**admin.admin_site.each_context(request), "opts": admin.opts, **context}
    return TemplateResponse(request, f"library/admin/{template}", full)

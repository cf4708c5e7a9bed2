"""The pages beside the form of a resource at the desk."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path

from library.admin_credits import ask_view, credits_view
from library.admin_translations import translation_view

PAGES = {"people": credits_view, "ask": ask_view, "translation": translation_view}


class ResourcePages:
    """Mixed into the admin of resources, before CommunityAdmin."""

    admin_site: Any
    get_object: Any
    has_change_permission: Any

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(partial(self.page_view, view=view)),
                name=f"library_resource_{name}",
            )
            for name, view in PAGES.items()
        ]
        return own + super().get_urls()

    def page_view(
        self, request: HttpRequest, object_id: str, *, view: Callable[..., HttpResponse]
    ) -> HttpResponse:
        resource = self.get_object(request, unquote(object_id))
        if resource is None:
            raise Http404
        if not self.has_change_permission(request, resource):
            raise PermissionDenied
        return view(self, request, resource)

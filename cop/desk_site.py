from typing import Any

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

# As a coordinator's week goes, not by the alphabet.
ORDER = ["members", "meetings", "library", "newsletter", "discussions", "surveys", "outbox", "core"]


class DeskSite(AdminSite):
    """Django admin as the desk. It has no sign-in of its own: codes, limits and the second
    factor of the site hold here too."""

    site_header = site_title = settings.SITE_NAME
    index_title = _("Your desk")
    enable_nav_sidebar = False
    empty_value_display = "–"

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Made only where a page shows it: it asks every list who may open it."""
        return SimpleLazyObject(lambda: self._apps_in_order(request, app_label))

    def _apps_in_order(self, request: HttpRequest, app_label: str | None) -> list[Any]:
        apps = super().get_app_list(request, app_label)
        last = len(ORDER)
        return sorted(
            apps,
            key=lambda app: (
                ORDER.index(app["app_label"]) if app["app_label"] in ORDER else last,
                app["name"],
            ),
        )

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The section of mail opens on what leaves this week, not on a list of tables."""
        if app_label == "outbox":
            return redirect("outgoing_board")
        return super().app_index(request, app_label, extra_context)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return secure_admin_login(super().login)(request, extra_context)

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from members.desk import CommunityAdmin

ROLES = ("coordinator", "facilitator")


class QuietLog:
    """Django's own log would keep titles and names for ever; our history keeps ids (AuditEvent)."""

    def construct_change_message(self, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:  # noqa: ANN401
        return []

    def log_addition(self, *args: Any) -> None:  # noqa: ANN401
        return None

    def log_change(self, *args: Any) -> None:  # noqa: ANN401
        return None

    def log_deletions(self, *args: Any) -> None:  # noqa: ANN401
        return None


def desk_page(
    admin: CommunityAdmin, request: HttpRequest, template: str, context: dict[str, Any]
) -> HttpResponse:
    """A page of our own in the frame of the desk. `template`: its name in meetings/admin/."""
    full = {**admin.admin_site.each_context(request), "opts": admin.opts, **context}
    return TemplateResponse(request, f"meetings/admin/{template}", full)

from typing import Any

ROLES = ("coordinator", "facilitator")


class QuietLog:
    """Django's own log would keep titles and names for ever; our history keeps ids (AuditEvent)."""

    def construct_change_message(self, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:  # noqa: ANN401
        return []

    def log_addition(self, *args: Any) -> None:  # noqa: ANN401
        return None

    def log_change(self, *args: Any) -> None:  # noqa: ANN401
        return None

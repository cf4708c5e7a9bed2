from django.apps import AppConfig


class CopConfig(AppConfig):
    name = "cop"

    def ready(self) -> None:
        # The Celery app must exist before anybody publishes a task; checks register on import.
        from cop import celery, checks  # noqa: F401

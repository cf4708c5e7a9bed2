"""What a process does with a file while a test ends it: `python -m tests.faults.file_jobs JOB …`.

Each says "here" on its output where it stands, and waits to be killed.
"""

import os
import resource as limits
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cop.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.files.base import ContentFile  # noqa: E402
from django.utils import timezone  # noqa: E402

from cop.core import storages  # noqa: E402
from cop.core.errors import ActionError  # noqa: E402
from cop.core.uploads import check_upload  # noqa: E402
from library.actions import submit_resource  # noqa: E402
from library.models import Resource  # noqa: E402
from members.models import Community, User  # noqa: E402

FIELDS = {
    "kind": "tool", "title": "Handover card", "summary": "For nights.", "language": "en",
    "visibility": "members", "rights": "own",
}  # fmt: skip


def stand_here() -> None:
    print("here", flush=True)
    time.sleep(600)


class Halfway(ContentFile):
    """Comes in two pieces; nobody lives to see the second."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        content = self.read()
        yield content[: len(content) // 2]
        stand_here()
        yield content[len(content) // 2 :]


def submit(path: str, kind: type[ContentFile] = ContentFile) -> None:
    checked = check_upload(kind(Path(path).read_bytes(), name="plan.pdf"))
    submit_resource(
        community=Community.objects.get(slug="every-door"),
        person=User.objects.get(pk=os.environ["WHO"]),
        now=timezone.now(),
        upload=checked,
        **FIELDS,
    )


def while_the_file_is_written(path: str) -> None:
    submit(path, Halfway)


def while_the_file_is_written_carelessly(path: str) -> None:
    """With the storage that the framework brings along (the control)."""
    settings.STORAGES["default"] = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    submit(path, Halfway)


def before_the_commit(path: str) -> None:
    save = Resource.save

    def save_and_stand(row: Resource, *given: Any, **more: Any) -> None:
        save(row, *given, **more)
        stand_here()

    Resource.save = save_and_stand  # type: ignore[method-assign]
    submit(path)


def after_the_commit(path: str) -> None:
    submit(path)
    stand_here()


def limited(path: str) -> None:
    """With a limit on the size of a file, as quotas have it."""
    content = Path(path).read_bytes()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits.setrlimit(limits.RLIMIT_FSIZE, (2 * 1024 * 1024, 2 * 1024 * 1024))
    storages.DISK_FLOOR = 0
    try:
        submit(path)
    except ActionError as error:
        print(error, len(content))


JOBS: dict[str, Any] = {
    job.__name__: job
    for job in (
        while_the_file_is_written,
        while_the_file_is_written_carelessly,
        before_the_commit,
        after_the_commit,
        limited,
    )
}
if __name__ == "__main__":
    JOBS[sys.argv[1]](sys.argv[2])

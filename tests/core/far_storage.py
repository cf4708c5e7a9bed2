"""A storage without local paths, as a bucket is: whoever asks for one fails loudly."""

import os
from typing import Any

from django.core.files.storage import FileSystemStorage


class FarStorage(FileSystemStorage):
    """Files lie in a folder all the same; only we know where."""

    def path(self, name: str) -> str:
        raise NotImplementedError("This storage has no local paths.")

    def url(self, name: str | None) -> str:
        raise ValueError("Files are handed out by the site alone.")

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        # A bucket knows no folders: one that was never written to is only empty.
        try:
            return self._near.listdir(path)
        except FileNotFoundError:
            return [], []

    def exists(self, name: str) -> bool:
        # Nor does a folder exist there.
        return self._near.exists(name) and os.path.isfile(self._near.path(name))

    def _open(self, name: str, mode: str = "rb") -> Any:
        opened = self._near._open(name, mode)
        opened.name = name
        return opened

    def _save(self, name: str, content: Any) -> str:
        return self._near._save(name, content)

    def delete(self, name: str) -> None:
        self._near.delete(name)

    def size(self, name: str) -> int:
        return self._near.size(name)

    def get_modified_time(self, name: str) -> Any:
        return self._near.get_modified_time(name)

    @property
    def _near(self) -> FileSystemStorage:
        return FileSystemStorage(location=self._location)


FAR = {"BACKEND": "tests.core.far_storage.FarStorage"}

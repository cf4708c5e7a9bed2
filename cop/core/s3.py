"""Uploads in a bucket of an S3-compatible service, for who sets STORAGE_URL.

Loaded only then: it needs `django-storages[s3]`. The bucket stays private; each download goes
through our own permission check and is handed on by the site, so no signed address ever leaves it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from storages.backends.s3 import S3Storage
from storages.utils import clean_name

from cop.core.storages import StorageAway

# Many services that speak S3 know no checksums of the newest kind. And no page waits for minutes.
CAREFUL = Config(
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    connect_timeout=3,
    read_timeout=20,
    retries={"max_attempts": 2, "mode": "standard"},
)


class BucketStorage(S3Storage):
    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        self.client_config = self.client_config.merge(CAREFUL)

    def url(self, name: str, *_rest: object, **_more: object) -> str:
        raise ValueError("Files are handed out by the site alone.")

    def _save(self, name: str, content: File) -> str:
        with _answering():
            return str(super()._save(name, content))

    def _open(self, name: str, mode: str = "rb") -> File:
        with _answering():
            return super()._open(name, mode)

    def read_part(self, name: str, first: int, length: int) -> IO[bytes]:
        """A body to read from and to close: so much of the file crosses the line, and no more."""
        with _answering():
            key = self._normalize_name(clean_name(name))
            answer = self.bucket.Object(key).get(Range=f"bytes={first}-{first + length - 1}")
        body: IO[bytes] = answer["Body"]
        return body

    def size(self, name: str) -> int:
        with _answering():
            return int(super().size(name))

    def exists(self, name: str) -> bool:
        with _answering():
            return bool(super().exists(name))

    def delete(self, name: str) -> None:
        with _answering():
            super().delete(name)


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            raise FileNotFoundError(str(error)) from error
        raise StorageAway from error
    except BotoCoreError as error:
        raise StorageAway from error

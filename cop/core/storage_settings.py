"""STORAGE_URL, read: where uploads lie.

    s3://KEY:SECRET@s3.ca-central-1.example.org/bucket/folder?region=ca-central-1

`s3+http://` is for a service on the same private network. Empty: the folder MEDIA_ROOT.
"""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

FOLDER = {"BACKEND": "cop.core.storages.KeepingStorage"}
UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "cop.core.incoming.CarefulUploadHandler",
]
SCHEMES = {"s3": "https", "s3+http": "http"}
# Bytes of a file that are held in memory; more lies in a temporary file.
IN_MEMORY = 2_500_000


def file_storage(url: str) -> dict[str, Any]:
    """The entry "default" of STORAGES."""
    if not url:
        return FOLDER
    parts = urlsplit(url)
    bucket, _slash, folder = unquote(parts.path).strip("/").partition("/")
    if parts.scheme not in SCHEMES or not (parts.hostname and bucket):
        raise ImproperlyConfigured(
            "STORAGE_URL is not understood. It looks like "
            "s3://KEY:SECRET@s3.example.org/bucket?region=ca-central-1 (docs/OPERATING.md)."
        )
    port = f":{parts.port}" if parts.port else ""
    options = {
        "access_key": unquote(parts.username or "") or None,
        "secret_key": unquote(parts.password or "") or None,
        "endpoint_url": f"{SCHEMES[parts.scheme]}://{parts.hostname}{port}",
        "region_name": parse_qs(parts.query).get("region", [None])[0],
        "bucket_name": bucket,
        "location": folder,
        "addressing_style": "path",
        "signature_version": "s3v4",
        # Private, never handed out by an address, and never one file over another.
        "default_acl": "private",
        "querystring_auth": False,
        "file_overwrite": False,
        "max_memory_size": IN_MEMORY,
    }
    return {"BACKEND": "cop.core.s3.BucketStorage", "OPTIONS": options}

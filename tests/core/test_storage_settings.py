"""STORAGE_URL: a bucket instead of a folder, private, and never handed out by an address."""

import io
import subprocess
import sys
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import override_settings

from cop.core.storage_settings import file_storage
from cop.core.storages import StorageAway
from cop.local.places import ROOT

URL = "s3://AKEY:s%2Fcr%40t@s3.example.org:9000/uploads/cop?region=ca-central-1"


@pytest.fixture
def bucket(settings: Any) -> Any:
    pytest.importorskip("storages", reason="django-storages[s3] is an optional extra")
    with override_settings(STORAGES=settings.STORAGES | {"default": file_storage(URL)}):
        yield storages["default"]


def test_without_an_address_files_lie_in_a_folder() -> None:
    assert file_storage("") == {"BACKEND": "cop.core.storages.KeepingStorage"}


def test_address_is_read() -> None:
    options = file_storage(URL)["OPTIONS"]

    assert options["endpoint_url"] == "https://s3.example.org:9000"
    assert (options["access_key"], options["secret_key"]) == ("AKEY", "s/cr@t")
    assert (options["bucket_name"], options["location"]) == ("uploads", "cop")
    assert options["region_name"] == "ca-central-1"
    assert options["default_acl"] == "private"
    assert options["querystring_auth"] is False
    assert options["file_overwrite"] is False


def test_service_in_a_private_network_needs_no_certificate() -> None:
    options = file_storage("s3+http://a:b@minio:9000/uploads")["OPTIONS"]

    assert options["endpoint_url"] == "http://minio:9000"
    assert options["region_name"] is None


@pytest.mark.parametrize("url", ["ftp://a/b", "s3://host", "s3:///bucket", "s3.example.org/b", "x"])
def test_address_that_is_none_says_how_it_looks(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="STORAGE_URL is not understood"):
        file_storage(url)


def test_bucket_is_private_and_has_no_addresses(bucket: Any) -> None:
    assert type(bucket).__name__ == "BucketStorage"
    assert bucket.default_acl == "private"
    assert bucket.get_object_parameters("library/key") == {}
    with pytest.raises(ValueError, match="by the site alone"):
        bucket.url("library/key")
    with pytest.raises(NotImplementedError):
        bucket.path("library/key")


def test_bucket_is_asked_in_a_way_that_many_services_understand(bucket: Any) -> None:
    config = bucket.client_config

    assert config.signature_version == "s3v4"
    assert config.s3 == {"addressing_style": "path"}
    assert config.request_checksum_calculation == "when_required"
    assert (config.connect_timeout, config.read_timeout) == (3, 20)


def test_service_that_does_not_answer_costs_a_sentence() -> None:
    pytest.importorskip("storages", reason="django-storages[s3] is an optional extra")
    away = storages.create_storage(file_storage("s3+http://a:b@127.0.0.1:1/uploads"))

    with pytest.raises(StorageAway, match="Tip"):
        away.save("key", ContentFile(b"words"))
    with pytest.raises(StorageAway):
        away.open("key")


def test_part_of_a_file_is_asked_for_as_such(bucket: Any) -> None:
    stubber = pytest.importorskip("botocore.stub")
    client = bucket.connection.meta.client
    asked = {"Bucket": "uploads", "Key": "cop/library/key", "Range": "bytes=10-14"}
    with stubber.Stubber(client) as answers:
        answers.add_response("get_object", {"Body": io.BytesIO(b"words")}, asked)
        answers.add_client_error("get_object", "NoSuchKey", http_status_code=404)
        answers.add_client_error("get_object", "SlowDown", http_status_code=503)

        assert bucket.read_part("library/key", 10, 5).read() == b"words"
        with pytest.raises(FileNotFoundError):
            bucket.read_part("library/lost", 0, 5)
        with pytest.raises(StorageAway):
            bucket.read_part("library/key", 0, 5)


def test_bucket_tells_what_is_there_and_takes_what_comes(bucket: Any) -> None:
    """What is asked, sign for sign, as the service would see it."""
    stubber = pytest.importorskip("botocore.stub")
    with stubber.Stubber(bucket.connection.meta.client) as answers:
        where = {"Bucket": "uploads", "Key": "cop/library/key"}
        answers.add_client_error("head_object", "404", http_status_code=404)
        private = {"ACL": "private", "ContentType": "application/octet-stream"}
        answers.add_response("put_object", {}, where | private | {"Body": stubber.ANY})
        answers.add_response("delete_object", {}, where)

        assert bucket.save("library/key", ContentFile(b"words")) == "library/key"
        bucket.delete("library/key")
        answers.assert_no_pending_responses()


def test_settings_of_a_server_with_a_bucket(tmp_path: Any) -> None:
    """In a process of its own: the settings read the environment once."""
    pytest.importorskip("storages", reason="django-storages[s3] is an optional extra")
    script = (
        "import django; django.setup()\n"
        "from django.conf import settings\n"
        "from django.core.files.storage import default_storage\n"
        "print(default_storage.bucket_name, default_storage.location, "
        "repr(settings.X_ACCEL_PREFIX))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True,
        env={
            "PATH": "/usr/bin:/bin", "DJANGO_SETTINGS_MODULE": "cop.settings",
            "SECRET_KEY": "x" * 60,
            "STORAGE_URL": URL, "X_ACCEL_PREFIX": "/_media/", "VAR_DIR": str(tmp_path),
        },
    )  # fmt: skip
    assert done.stdout.split() == ["uploads", "cop", "''"]

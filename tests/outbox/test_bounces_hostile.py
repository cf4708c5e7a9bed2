"""What strangers may send to our bounce address, and the pipe of a mail server."""

import io
import sys
import time
import uuid

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.test import override_settings

from outbox.actions.returned import take_returned_mail
from outbox.addresses import bounce_address
from outbox.bounces import LIMIT, read_notice
from outbox.models import MailEvent
from tests.returns import NOW, arf, dsn, is_stopped, states

pytestmark = pytest.mark.usefixtures("bounce_settings")


def take(raw, **fields):
    return take_returned_mail(raw, now=NOW, **fields)


# --- Strangers ----------------------------------------------------------------------------


@pytest.mark.parametrize("without", [False, True], ids=["sealed", "control: seal not asked"])
@pytest.mark.django_db
def test_forged_seal_does_nothing(reader, deliver, monkeypatch, without):
    delivery = deliver(reader, bulk=True)
    forged = f"bounces+{delivery.pk.hex}-00000000@cop.example"
    if without:
        monkeypatch.setattr("outbox.addresses.hmac.compare_digest", lambda *_: True)
    assert take(dsn(delivery, to=forged)) is without
    assert is_stopped(reader) is without


@pytest.mark.django_db
def test_complaint_with_foreign_marks_does_nothing(reader, deliver):
    delivery = deliver(reader, bulk=True)
    assert take(arf(delivery, to="fbl@x", message_id=f"<{delivery.pk}@else.example>")) is False
    assert take(arf(delivery, to="fbl@x", message_id=f"<{uuid.uuid4()}@cop.example>"))
    assert states(reader) == {"subscribed"}


@pytest.mark.django_db
def test_five_megabytes_are_read_in_no_time(reader, deliver):
    raw = dsn(deliver(reader), padding="x" * 5_000_000)
    started = time.perf_counter()
    assert take(raw)
    assert time.perf_counter() - started < 2
    assert MailEvent.objects.count() == 1


NESTED = b"".join(
    b'Content-Type: multipart/mixed; boundary="n%d"\r\n\r\n--n%d\r\n' % (n, n) for n in range(3000)
)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\0" * 5000, b"\xff\xfe" * 5000, b"To: " + b"a" * 100_000, NESTED,
        b"Content-Type: multipart/report\r\n\r\nno boundary",
        b"To: =?utf-8?b?////?= <x@y>\r\nContent-Type: message/delivery-status\r\n\r\n\xff",
        b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: message/feedback-report\r\n\r\n--b--",
        b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\n###",
        ("Date: nonsense\r\nTo: " + "@" * 9000).encode(),
    ],
)  # fmt: skip
def test_broken_mail_is_nothing(raw, monkeypatch):
    monkeypatch.setattr("outbox.bounces._sealed", lambda *_: uuid.uuid4())
    started = time.perf_counter()
    notice = read_notice(raw)
    assert notice is None or notice.kind == "soft_bounce"
    assert time.perf_counter() - started < 2


# --- A pipe of a mail server --------------------------------------------------------------


def run_command(monkeypatch, raw, **options):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    call_command("receive_bounce", **options)


@pytest.mark.django_db
def test_command_reads_one_mail(reader, deliver, monkeypatch):
    delivery = deliver(reader)
    raw = dsn(delivery, to="x@y.example", padding="x" * LIMIT)
    run_command(monkeypatch, raw, recipient=bounce_address(delivery.pk))
    assert MailEvent.objects.count() == 1
    run_command(monkeypatch, b"\xff\xff")


@pytest.mark.django_db
def test_command_asks_for_another_try_without_a_database(reader, deliver, monkeypatch):
    def closed(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr("outbox.management.commands.receive_bounce.take_returned_mail", closed)
    with pytest.raises(SystemExit) as ended:
        run_command(monkeypatch, b"")
    assert ended.value.code == 75


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("imaps://u:p@mail.example/INBOX", True),
        ("imap://u:p@127.0.0.1:1143/INBOX", True),
        ("imap://u:p@mail.example/INBOX", False),
        ("https://mail.example", False),
    ],
)
def test_mailbox_address_is_checked_at_the_start(url, fine):
    from outbox.checks import bounce_mailbox

    with override_settings(BOUNCE_MAILBOX_URL=url):
        assert (bounce_mailbox(None) == []) is fine

"""Reading the mailbox of returned mail from a real IMAP server."""

import socket

import pytest

from outbox.actions.returned import read_bounce_mailbox
from outbox.addresses import bounce_address
from outbox.models import MailAlarm, MailEvent
from outbox.tasks import read_bounce_mailbox_task
from tests.imap import URL, ImapServer, running_server
from tests.returns import NOW, dsn, is_stopped


@pytest.fixture(scope="module")
def imap_port():
    with running_server() as port:
        yield port


@pytest.fixture
def imap(imap_port, settings):
    settings.BOUNCE_ADDRESS = "bounces@cop.example"
    with ImapServer(imap_port) as server:
        yield server


def plain(to, text="Thank you"):
    return f"From: dani@people.example\r\nTo: {to}\r\nSubject: Re\r\n\r\n{text}\r\n".encode()


@pytest.mark.django_db
def test_reports_are_taken_and_the_rest_stays(imap, settings, reader, deliver):
    delivery = deliver(reader, bulk=True)
    imap.fill(
        "first", plain(bounce_address(delivery.pk)), dsn(delivery), dsn(delivery), b"\xff\xff\r\n"
    )
    settings.BOUNCE_MAILBOX_URL = URL.format(imap.port, "first")

    assert read_bounce_mailbox(now=NOW) == 2
    assert is_stopped(reader)
    assert imap.left("first") == (2, 0)
    assert read_bounce_mailbox(now=NOW) == 0
    assert MailEvent.objects.count() == 2


@pytest.mark.django_db
def test_a_run_reads_no_more_than_its_share(imap, settings, monkeypatch):
    imap.fill("many", *[plain("x@y.example")] * 5)
    settings.BOUNCE_MAILBOX_URL = URL.format(imap.port, "many")
    monkeypatch.setattr("outbox.mailbox.read_mailbox.__kwdefaults__", {"at_most": 3})
    read_bounce_mailbox(now=NOW)
    assert imap.left("many") == (5, 2)


@pytest.mark.django_db
def test_long_mail_comes_cut_off(imap, settings, reader, deliver):
    imap.fill("long", dsn(deliver(reader), padding="x" * 3_000_000))
    settings.BOUNCE_MAILBOX_URL = URL.format(imap.port, "long")
    read_bounce_mailbox_task()
    assert MailEvent.objects.count() == 1


@pytest.mark.django_db
def test_mail_that_breaks_us_does_not_block_the_next(imap, settings, reader, deliver, monkeypatch):
    delivery = deliver(reader)
    imap.fill("broken", plain("x@y.example"), dsn(delivery))
    settings.BOUNCE_MAILBOX_URL = URL.format(imap.port, "broken")
    from outbox.actions import returned

    honest = returned.take_returned_mail

    def breaks(raw, **fields):
        if b"Thank you" in raw:
            raise RuntimeError
        return honest(raw, **fields)

    monkeypatch.setattr(returned, "take_returned_mail", breaks)
    assert read_bounce_mailbox(now=NOW) == 1
    assert imap.left("broken") == (1, 0)


@pytest.mark.parametrize("place", ["nowhere", "wrong password"])
@pytest.mark.django_db
def test_mailbox_that_does_not_open_raises_an_alarm(imap, settings, place, caplog):
    settings.BOUNCE_MAILBOX_URL = (
        URL.format(imap.port, "nowhere")
        if place == "nowhere"
        else f"imap://bounces:guess-work@127.0.0.1:{imap.port}/INBOX"
    )
    assert read_bounce_mailbox(now=NOW) == 0
    assert MailAlarm.objects.get().name == "bounce mailbox"
    assert "guess-work" not in caplog.text
    imap.fill("works")
    settings.BOUNCE_MAILBOX_URL = URL.format(imap.port, "works")
    read_bounce_mailbox(now=NOW)
    assert not MailAlarm.objects.exists()


@pytest.mark.django_db
def test_without_a_server_there_is_an_alarm(settings):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.BOUNCE_MAILBOX_URL = URL.format(probe.getsockname()[1], "INBOX")
        assert read_bounce_mailbox(now=NOW) == 0
    assert MailAlarm.objects.count() == 1


@pytest.mark.django_db
def test_without_an_address_nothing_is_read(settings):
    settings.BOUNCE_MAILBOX_URL = ""
    assert read_bounce_mailbox(now=NOW) == 0

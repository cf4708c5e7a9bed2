import smtplib
import socket
import time
from email.message import EmailMessage

import pytest
from django.test import Client
from django.urls import reverse

from cop.local import programs
from cop.local.mailbox import forget_oldest, make_folders, store_message
from cop.local.messages import newest_first
from cop.local.places import Places
from cop.local.processes import Child, stop_together

PIXEL = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01"


@pytest.fixture
def places(tmp_path, settings):
    places = Places(tmp_path / "var")
    places.make()
    make_folders(places.mail)
    settings.VAR_DIR = places.var
    settings.LOCAL_MODE = True
    return places


def message(to="dani@moss.example", subject="Your code is 123456"):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "demo@cop.example", to, subject
    mail.set_content("Écrivez le code <123456>.")
    mail.add_alternative(
        '<p>The code is <b>123456</b> <img src="cid:lamp"> <a href="/start/">Start</a></p>',
        subtype="html",
    )
    mail.get_payload()[1].add_related(PIXEL, "image", "gif", cid="<lamp>")
    mail.add_attachment("BEGIN:VCALENDAR", subtype="calendar", filename="meeting.ics")
    return mail


def keep(places, **words):
    mail = message(**words)
    return store_message(places.mail, bytes(mail), sender="bounce@cop.example", to=[mail["To"]])


def test_mailbox_keeps_what_smtp_brings(places, client):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    child = Child(programs.mailbox(places, port))
    try:
        while not child.is_ready:
            assert child.is_running, child.program.log.read_text()
            time.sleep(0.02)
        with smtplib.SMTP("127.0.0.1", port) as server:
            server.send_message(message(), to_addrs=["dani@moss.example", "ravi@moss.example"])
    finally:
        stop_together([child])
    (name,) = newest_first(places.mail)
    raw = (places.mail / "new" / f"{name}.eml").read_text()

    assert raw.startswith("Return-Path: <demo@cop.example>\n")
    assert "Delivered-To: ravi@moss.example" in raw
    assert "Your code is 123456" in client.get(reverse("mailbox_list")).content.decode()


def test_forget_oldest_keeps_the_newest(places):
    names = [keep(places, subject=str(number)) for number in range(5)]
    forget_oldest(places.mail, keep=2)

    assert newest_first(places.mail) == [names[4], names[3]]


def test_mailbox_list_is_newest_first_and_filtered_by_recipient(places, client):
    keep(places, subject="older")
    keep(places, subject="newer")
    keep(places, subject="other", to="ravi@moss.example")
    page = client.get(reverse("mailbox_list"), {"to": "DANI@"}).content.decode()

    assert page.index("newer") < page.index("older")
    assert "other" not in page


def test_mailbox_list_shows_older_mail_on_the_next_page(places, client):
    for number in range(51):
        keep(places, subject=f"mail {number}")
    first = client.get(reverse("mailbox_list"))
    second = client.get(f"{reverse('mailbox_list')}?{first.context['older']}")

    assert len(first.context["mails"]) == 50
    assert [mail.subject for mail in second.context["mails"]] == ["mail 0"]


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("html", "<iframe"),
        ("text", "Écrivez le code &lt;123456&gt;."),
        ("headers", "bounce@cop.example"),
        ("files", "meeting.ics"),
    ],
)
def test_mailbox_detail_shows_each_part(places, client, part, words):
    url = reverse("mailbox_detail", args=[keep(places)])
    page = client.get(url, {"part": part}).content.decode()

    assert words in page
    assert "Your code is 123456" in page
    assert "style=" not in page


def test_mailbox_says_in_which_zone_its_times_are(places, client):
    url = reverse("mailbox_detail", args=[keep(places)])

    for page in (client.get(url), client.get(reverse("mailbox_list"))):
        assert "Pacific time" in page.content.decode()


def test_mailbox_html_is_a_closed_document_of_its_own(places, client):
    response = client.get(reverse("mailbox_html", args=[keep(places)]))
    html = response.content.decode()

    assert "<b>123456</b>" in html
    assert 'src="data:image/gif;base64,' in html
    assert '<base target="_top">' in html
    assert response["Content-Security-Policy"].startswith("sandbox allow-popups")
    assert "script-src" not in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "SAMEORIGIN"


def test_mailbox_file_is_only_ever_downloaded(places, client):
    name = keep(places)
    files = client.get(reverse("mailbox_detail", args=[name])).context["files"]
    (calendar,) = [one for one in files if one.name == "meeting.ics"]
    response = client.get(reverse("mailbox_file", args=[name, calendar.number]))

    assert response.content.strip() == b"BEGIN:VCALENDAR"
    assert response["Content-Disposition"] == 'attachment; filename="meeting.ics"'


def test_mailbox_delete_empties_it(places):
    keep(places)
    careful = Client(enforce_csrf_checks=True)

    assert careful.post(reverse("mailbox_delete")).status_code == 403
    assert newest_first(places.mail)
    Client().post(reverse("mailbox_delete"))
    assert newest_first(places.mail) == []


@pytest.mark.parametrize("name", ["nothing", "00000000000000000000-00000000", "..%2f..%2fsecret"])
def test_mailbox_detail_of_no_message_is_404(places, client, name):
    assert client.get(f"{reverse('mailbox_list')}{name}/").status_code == 404


@pytest.mark.parametrize(
    "why", [{"REMOTE_ADDR": "192.0.2.7"}, {"HTTP_X_FORWARDED_FOR": "192.0.2.7"}]
)
def test_mailbox_does_not_exist_for_other_computers(places, client, why):
    assert client.get(reverse("mailbox_list"), **why).status_code == 404


def test_mailbox_does_not_exist_on_a_server(places, client, settings):
    settings.LOCAL_MODE = False

    for url in ("mailbox_list", "mailbox_delete"):
        assert client.get(reverse(url)).status_code in (404, 405)
    assert client.post(reverse("mailbox_delete")).status_code == 404


def test_mailbox_refuses_a_name_that_only_points_here(places, client, settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    response = client.get(reverse("mailbox_list"), headers={"host": "evil.example"})

    assert response.status_code == 400

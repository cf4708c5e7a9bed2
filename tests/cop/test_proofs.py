"""All our e-mails at the desk: complete, for staff alone, sent as a sample to oneself."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from cop.desk_mail import KINDS
from cop.proofs.catalogue import GROUPS, SAMPLES
from members import account_samples
from outbox.actions import send_due
from outbox.models import Delivery
from tests.clock import next_noon
from tests.conftest import CAST
from tests.factories import make_staff

LIST = "/desk/mails/"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
PROVEN = {sample.template for sample in SAMPLES.values()}
STAFF = {"priya", "outsider", "admin"}
# Mails of allauth that our settings never send: links, where we send codes.
NEVER = {"account/email/password_reset_key"}


def templates_of_mails() -> set[str]:
    ours = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("email/*.txt")}
    ends = (".subject.txt", "_subject.txt")
    return {name.removesuffix(end) for name in ours for end in ends if name.endswith(end)}


def mails_of_allauth() -> set[str]:
    found = set()
    for app in ("account", "mfa"):
        folder = Path(find_spec(f"allauth.{app}").origin).parent
        for path in folder.rglob("*.py"):
            if "tests" not in path.parts:
                found |= set(re.findall(rf'"({app}/email/\w+)"', path.read_text(encoding="utf-8")))
    return found


def test_every_mail_has_a_sample():
    assert templates_of_mails() == PROVEN, "Add it to the samples.py of its app."


def test_every_mail_of_allauth_is_ours_and_has_a_sample():
    assert mails_of_allauth() - NEVER <= PROVEN, "allauth sends a mail that nobody has read."


def test_outgoing_list_has_words_for_every_mail():
    kinds = {sample.kind for sample in SAMPLES.values() if sample not in account_samples.SAMPLES}
    assert kinds | {"sample"} <= set(KINDS)


def test_no_two_samples_share_a_name():
    assert len(SAMPLES) == sum(len(samples) for _title, samples in GROUPS)


def test_people_and_houses_are_invented():
    root = Path(settings.BASE_DIR)
    for path in [*root.glob("*/samples.py"), *root.glob("*/*_samples.py")]:
        for address in re.findall(r"[\w.+-]+@[\w.-]+|https?://[\w.-]+", path.read_text("utf-8")):
            assert address.endswith(".example"), f"{path.name}: {address}"


@pytest.mark.parametrize("who", CAST)
@pytest.mark.parametrize("path", ["", "welcome/", "welcome/html/"])
def test_pages_are_for_those_who_write(request, sign_in, community, who, path):
    response = sign_in(request.getfixturevalue(who)).get(LIST + path)

    assert (response.status_code == 200) == (who in STAFF)


@pytest.mark.django_db
@pytest.mark.parametrize("who", sorted(set(CAST) - STAFF))
def test_nobody_else_sends_a_sample(request, sign_in, community, who):
    sign_in(request.getfixturevalue(who)).post(f"{LIST}welcome/send/", {"language": "en"})

    assert not Delivery.objects.exists()


def test_list_names_every_mail(sign_in, priya):
    html = sign_in(priya).get(LIST).content.decode()

    for name in SAMPLES:
        assert f'href="{LIST}{name}/"' in html


@pytest.mark.parametrize("look", ["phone", "desktop", "text"])
def test_page_shows_subject_and_size(sign_in, priya, look):
    html = sign_in(priya).get(f"{LIST}cancelled/?look={look}&language=fr").content.decode()

    assert '<span lang="fr">Annulée' in html
    assert re.search(r"\d+ kB", html)
    assert "%%" not in html
    assert ("<iframe" in html) == (look != "text")
    assert ("BEGIN:VCALENDAR" in html) == (look == "text")


@pytest.mark.django_db
@pytest.mark.parametrize("name", SAMPLES)
def test_every_page_opens_in_both_languages(sign_in, admin, name):
    client = sign_in(admin)

    for language, _label in settings.LANGUAGES:
        assert client.get(f"{LIST}{name}/?look=text&language={language}").status_code == 200
        html = client.get(f"{LIST}{name}/html/?language={language}").content.decode()
        assert f'<html lang="{language}"' in html
        assert "%%" not in html


def test_mail_in_the_frame_can_do_nothing(sign_in, priya):
    response = sign_in(priya).get(f"{LIST}newsletter/html/")
    policy = response.headers["Content-Security-Policy"]

    assert policy.startswith("sandbox; default-src 'none'")
    assert "script-src" not in policy
    assert "frame-ancestors 'self'" in policy
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "<style" in response.content.decode()


def test_unknown_mail_is_not_found(sign_in, priya):
    client = sign_in(priya)

    assert client.get(f"{LIST}nothing/").status_code == 404
    assert client.get(f"{LIST}welcome/send/").status_code == 405


def test_sample_goes_to_oneself_once_a_minute(sign_in, priya, mailbox):
    client = sign_in(priya)
    for _press in range(3):
        client.post(f"{LIST}cancelled/send/", {"language": "fr"}, follow=True)
    send_due(clock=next_noon)

    [message] = mailbox.messages
    with translation.override("fr"):
        marked = translation.gettext("[Sample] %(subject)s").partition("%")[0]
    assert message["To"] == priya.email
    assert message["Subject"].startswith(f"{marked}Annulée")
    assert "%%" not in message.as_string()
    assert not list(message.iter_attachments()), "no entry into the calendar of whoever proof-reads"


def test_sample_that_was_just_sent_says_so(sign_in, priya):
    client = sign_in(priya)
    first = client.post(f"{LIST}welcome/send/", {"language": "en"}, follow=True).content.decode()

    assert f"The sample is on its way to {priya.email}." in first


@pytest.mark.parametrize("role", ["coordinator", "editor", "librarian", "reviewer"])
def test_desk_shows_the_way_to_those_who_may(sign_in, community, role):
    page = sign_in(make_staff(community, role)).get("/desk/").content.decode()

    assert (LIST in page) == (role in {"coordinator", "editor"})

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from members.models import User
from outbox.actions import send_due
from outbox.models import Delivery
from tests.factories import make_person
from tests.smtp import Box

CODE = "/account/login/code/"
CONFIRM = "/account/login/code/confirm/"
SIGN_UP = "/account/signup/"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def person(db: None) -> User:
    return make_person("Dani Achebe-Roy", email="dani@people.example")


def ask(client: Client, email: str, **data: Any) -> Any:
    return client.post(CODE, {"email": email, **data})


def mail_text(mailbox: Box) -> str:
    send_due()
    return mailbox.last.get_body(("plain",)).get_content().replace("\r\n", "\n")


def code_in(text: str) -> str:
    return re.search(r"\b(\d{6})\b", text)[1]


def link_in(text: str) -> str:
    return re.search(r"http://localhost:8000(/account/link/\S+)", text)[1]


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_sign_in_by_code(person: User, mailbox: Box) -> None:
    client = Client()
    assert ask(client, person.email).status_code == 302
    text = mail_text(mailbox)
    assert mailbox.last["To"] == person.email

    client.post(CONFIRM, {"code": code_in(text)})

    assert is_signed_in(client)


def test_wrong_codes_end_the_attempt(person: User, mailbox: Box) -> None:
    client = Client()
    ask(client, person.email)
    code = code_in(mail_text(mailbox))
    for _ in range(3):
        client.post(CONFIRM, {"code": "000000"})
    client.post(CONFIRM, {"code": code})
    assert not is_signed_in(client)


def test_link_needs_one_more_tap_and_works_once_in_another_browser(
    person: User, mailbox: Box
) -> None:
    ask(Client(), person.email)
    path = link_in(mail_text(mailbox))

    scanner = Client()
    for _ in range(3):
        assert scanner.get(path).status_code == 200
    assert not is_signed_in(scanner)

    elsewhere = Client()
    page = elsewhere.get(path)
    assert person.email not in page.content.decode()
    assert elsewhere.post(path).status_code == 302
    assert is_signed_in(elsewhere)

    late = Client()
    assert late.post(path).status_code == 410
    assert not is_signed_in(late)


def test_link_dies_after_half_an_hour(
    person: User, mailbox: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    ask(Client(), person.email)
    path = link_in(mail_text(mailbox))
    later = time.time() + 31 * 60
    monkeypatch.setattr(time, "time", lambda: later)
    assert Client().post(path).status_code == 410


def test_link_of_a_disabled_account_is_dead(person: User, mailbox: Box) -> None:
    ask(Client(), person.email)
    path = link_in(mail_text(mailbox))
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert Client().post(path).status_code == 410


def test_shared_device_ends_with_the_browser_own_device_lasts(person: User, mailbox: Box) -> None:
    shared, own = Client(), Client()
    ask(shared, person.email, shared_device="on")
    shared.post(link_in(mail_text(mailbox)))
    assert shared.session.get_expire_at_browser_close()

    ask(own, person.email)
    own.post(link_in(mail_text(mailbox)))
    assert own.session.get_expiry_age() > 80 * 24 * 3600


def test_next_leads_only_to_our_own_pages(person: User, mailbox: Box) -> None:
    client = Client()
    client.post(CODE, {"email": person.email, "next": "/privacy/"})
    assert client.post(link_in(mail_text(mailbox))).url == "/privacy/"
    other = Client()
    other.post(CODE, {"email": person.email, "next": "//evil.example/x"})
    assert "evil" not in other.post(link_in(mail_text(mailbox))).url


def strip(response: Any) -> tuple[int, str, str]:
    return response.status_code, response.headers.get("Location", ""), response.content.decode()


@pytest.mark.parametrize("path", [CODE, SIGN_UP])
def test_known_and_unknown_addresses_look_the_same(person: User, mailbox: Box, path: str) -> None:
    known = Client().post(path, {"email": person.email, "display_name": "Somebody"})
    unknown = Client().post(path, {"email": "nobody@people.example", "display_name": "Somebody"})
    assert strip(known) == strip(unknown)
    # Both get a mail, and both after the answer: the time of sending tells nothing either.
    assert Delivery.objects.count() == 2
    assert set(Delivery.objects.values_list("state", flat=True)) == {"queued"}


def test_sign_up_with_name_and_address_then_code(mailbox: Box, db: None) -> None:
    client = Client()
    response = client.post(
        SIGN_UP, {"email": "New.Person@people.example", "display_name": "ʔaƛ Théberge"}
    )
    assert response.status_code == 302
    user = User.objects.get(email="new.person@people.example")
    assert user.display_name == "ʔaƛ Théberge"
    assert not is_signed_in(client)

    client.post(response.url, {"code": code_in(mail_text(mailbox))})

    assert is_signed_in(client)
    assert user.emailaddress_set.get().verified


def test_sign_up_by_link_in_another_browser_confirms_the_address(mailbox: Box, db: None) -> None:
    Client().post(SIGN_UP, {"email": "new@people.example", "display_name": "New"})
    elsewhere = Client()
    elsewhere.post(link_in(mail_text(mailbox)))
    assert is_signed_in(elsewhere)
    assert User.objects.get(email="new@people.example").emailaddress_set.get().verified


def test_bots_that_fill_the_hidden_field_make_no_account(db: None) -> None:
    Client().post(
        SIGN_UP, {"email": "bot@people.example", "display_name": "Bot", "website": "http://x"}
    )
    assert not User.objects.filter(email="bot@people.example").exists()


def test_asking_again_and_again_is_limited(person: User) -> None:
    for _ in range(40):
        ask(Client(), person.email)
    assert Delivery.objects.count() < 30


def test_no_address_in_any_web_address(person: User, mailbox: Box) -> None:
    client = Client()
    response = ask(client, person.email)
    assert "@" not in response.url
    assert "%40" not in response.url
    assert person.email not in link_in(mail_text(mailbox))


def test_disabling_somebody_ends_the_session_at_once(person: User, sign_in: Any) -> None:
    client = sign_in(person)
    assert client.get("/me/").status_code == 200
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert client.get("/me/").status_code == 302


def test_last_login_moves_so_an_old_link_is_dead_after_any_sign_in(
    person: User, mailbox: Box
) -> None:
    ask(Client(), person.email)
    path = link_in(mail_text(mailbox))
    User.objects.filter(pk=person.pk).update(last_login=timezone.now())
    assert Client().post(path).status_code == 410


@pytest.mark.parametrize(("password", "is_in"), [("a long enough sentence", True), ("x", False)])
def test_sign_in_by_password_for_those_who_set_one(
    person: User, password: str, is_in: bool
) -> None:
    person.set_password("a long enough sentence")
    person.save(update_fields=["password"])
    client = Client()
    assert 'type="password"' in client.get("/account/login/").content.decode()
    client.post("/account/login/", {"login": person.email, "password": password})
    assert is_signed_in(client) is is_in


def test_an_account_without_a_password_cannot_be_opened_with_none(person: User) -> None:
    person.set_unusable_password()
    person.save(update_fields=["password"])
    client = Client()
    client.post("/account/login/", {"login": person.email, "password": ""})
    client.post("/account/login/", {"login": person.email})
    assert not is_signed_in(client)
    assert not Delivery.objects.exists()

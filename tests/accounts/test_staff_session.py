import time
from typing import Any

from django.conf import settings
from django.test import Client

from members.models import User


def test_the_desk_asks_for_a_second_factor(priya: User) -> None:
    client = Client()
    client.force_login(priya)
    response = client.get("/desk/")
    assert response.status_code == 302
    assert response.url.startswith("/account/2fa/totp/activate/")


def test_the_desk_opens_after_the_second_factor(priya: User, sign_in: Any) -> None:
    assert sign_in(priya).get("/desk/").status_code == 200


def test_members_are_not_let_in(dani: User, sign_in: Any) -> None:
    assert sign_in(dani).get("/desk/").status_code == 302


def test_the_desk_has_no_sign_in_of_its_own(db: None) -> None:
    response = Client().get("/desk/", follow=True)
    assert response.redirect_chain[-1][0].startswith("/account/")


def test_a_quiet_staff_session_ends_and_a_members_does_not(
    priya: User, dani: User, sign_in: Any
) -> None:
    long_ago = int(time.time()) - (settings.STAFF_IDLE_MINUTES + 1) * 60
    for person, status in ((priya, 302), (dani, 200)):
        client = sign_in(person)
        session = client.session
        session["staff_since"] = session["staff_seen"] = long_ago
        session.save()
        assert client.get("/me/").status_code == status


def test_a_staff_session_ends_after_twelve_hours_even_when_busy(priya: User, sign_in: Any) -> None:
    client = sign_in(priya)
    session = client.session
    session["staff_since"] = int(time.time()) - settings.STAFF_SESSION_HOURS * 3600 - 1
    session["staff_seen"] = int(time.time())
    session.save()
    assert client.get("/me/").status_code == 302

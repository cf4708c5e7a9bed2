"""The look as it arrives in a browser: after crispy, after allauth."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db

INLINE = re.compile(r"<[a-z][^>]*\s(?:style|on[a-z]+)\s*=", re.I)
DOORS = [
    "account_request_login_code",
    "account_login",
    "account_signup",
    "account_reset_password",
]


def test_styleguide_hides_from_visitors(client: Client, settings: Any) -> None:
    settings.LOCAL_MODE = False
    assert client.get("/styleguide/").status_code == 404


def test_styleguide_shows_both_themes(client: Client, settings: Any) -> None:
    settings.LOCAL_MODE = True
    html = client.get("/styleguide/").content.decode()
    assert 'data-theme="light"' in html
    assert 'data-theme="dark"' in html
    assert not INLINE.search(html)


def test_form_errors_link_to_their_fields(client: Client, settings: Any) -> None:
    settings.LOCAL_MODE = True
    html = client.get("/styleguide/").content.decode()
    assert "5 things need another look" in html
    for target in re.findall(r'href="#(light_wrong_[a-z_0-9]+)"', html):
        assert f'id="{target}"' in html


@pytest.mark.parametrize("name", DOORS)
def test_door_has_nothing_inline(client: Client, name: str) -> None:
    html = client.get(reverse(name)).content.decode()
    assert not INLINE.search(html)
    assert "<h1>" in html


def test_page_that_is_not_there_says_what_to_do(client: Client) -> None:
    response = client.get("/there/is/nothing/here/")
    assert response.status_code == 404
    assert "Go to the first page" in response.content.decode()

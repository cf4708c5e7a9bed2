from typing import Any

import pytest
from django.test import Client

from cop.core.links import make_token
from cop.core.logs import scrub
from members.models import Community, User

NULS = [
    "/every-door/library/?after=%00",
    "/every-door/meetings/?before=a%00b",
    "/m/%00/calendar.ics",
    "/every-door/?x=%00",
]


@pytest.mark.parametrize("path", NULS)
def test_a_nul_in_an_address_is_a_plain_no(community: Community, path: str) -> None:
    assert Client().get(path).status_code == 404


def test_a_logged_request_says_nothing_of_itself() -> None:
    class Request:
        def __repr__(self) -> str:
            return "<WSGIRequest: GET '/m/secret/?q=dani@people.example'>"

    assert scrub({"request": Request()}) == {"request": "Request"}


def test_sign_in_links_are_scrubbed_from_logs() -> None:
    assert scrub("GET /account/link/abc:def/ 500") == "GET /account/link/[token]/ 500"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/account/link/{}/", "/m/{}/unsubscribe/"])
def test_pages_of_signed_links_tell_nobody_where_one_came_from(path: str) -> None:
    token = make_token("sign-in", ["nobody", "", False, ""])
    response = Client().get(path.format(token))
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert "noindex" in response.headers["X-Robots-Tag"]


@pytest.mark.django_db
def test_robots_and_icon_exist() -> None:
    robots = Client().get("/robots.txt")
    assert "Disallow: /me/" in robots.content.decode()
    assert Client().get("/favicon.ico").status_code == 301


def test_head_answers_where_get_does(dani: User, sign_in: Any) -> None:
    client = sign_in(dani)
    for path in ("/me/", "/me/mail/", "/me/profile/", "/me/leave/every-door/"):
        assert client.head(path).status_code == 200


def test_a_name_of_invisible_signs_is_no_name(dani: User, sign_in: Any) -> None:
    data = {"display_name": "\u200b \u200b", "language": "en", "timezone": "America/Vancouver"}
    response = sign_in(dani).post("/me/profile/", data)
    assert response.status_code == 200
    dani.refresh_from_db()
    assert dani.display_name == "Dani Achebe-Roy"


@pytest.mark.django_db
def test_an_address_longer_than_any_mailbox_is_refused() -> None:
    data = {"email": f"{'x' * 60}@{'y' * 200}.example", "display_name": "Long"}
    assert Client().post("/account/signup/", data).status_code == 200
    assert not User.objects.filter(display_name="Long").exists()

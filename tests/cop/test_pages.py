from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from members.models import Community
from tests.conftest import CAST
from tests.factories import make_community

OPEN_PAGES = ["/", "/privacy/", "/accessibility/", "/account/login/code/", "/account/signup/"]


@pytest.mark.parametrize("path", OPEN_PAGES)
def test_open_pages_open_for_everybody(community: Community, path: str) -> None:
    assert Client().get(path).status_code == 200


@pytest.mark.parametrize("who", CAST)
def test_own_pages_need_an_account(
    community: Community, request: pytest.FixtureRequest, sign_in: Any, who: str
) -> None:
    client = sign_in(request.getfixturevalue(who))
    for path in ("/me/", "/me/mail/", "/me/profile/"):
        assert client.get(path).status_code == (302 if who == "visitor" else 200)


def test_home_is_the_page_of_the_only_community(community: Community) -> None:
    assert community.purpose in Client().get("/").content.decode()


def test_home_lists_several(community: Community, other_community: Community) -> None:
    page = Client().get("/").content.decode()
    assert "/every-door/" in page
    assert "/social-rd/" in page


@pytest.mark.django_db
def test_home_of_a_new_site_says_what_comes() -> None:
    assert Client().get("/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("count", [2, 6])
def test_home_query_count_is_constant(count: int, django_assert_max_num_queries: Any) -> None:
    for _ in range(count):
        make_community()
    with django_assert_max_num_queries(2):
        Client().get("/")


def test_content_security_policy_is_strict(community: Community) -> None:
    policy = Client().get("/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_pages_of_signed_in_people_are_kept_by_nobody(dani: Any, sign_in: Any) -> None:
    response = sign_in(dani).get("/me/")
    assert "no-store" in response.headers["Cache-Control"]
    assert "noindex" in response.headers["X-Robots-Tag"]


def test_reserved_words_cannot_be_communities() -> None:
    """Every first part of a fixed address is refused as a slug."""
    from members.models.communities import RESERVED_SLUGS

    patterns = get_resolver().url_patterns
    first = {str(pattern.pattern).partition("/")[0] for pattern in patterns}
    fixed = {part for part in first if part and "<" not in part}
    assert fixed - RESERVED_SLUGS - {"desk"} == set()

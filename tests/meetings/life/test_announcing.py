"""The page that announces: the mail itself, who gets it, and why others do not (journey 3.2)."""

from typing import Any

import pytest

from meetings.models import Meeting
from members.models import User
from tests.factories import make_meeting, make_member
from tests.meetings.life.test_desk import text_of
from tests.meetings.test_admin import soon, url


@pytest.fixture
def draft(community: Any, priya: User) -> Meeting:
    return make_meeting(
        community, state="draft", facilitator=priya, title="Night staff", local_date=soon()
    )


def test_the_page_shows_the_mail_and_who_gets_it(
    community: Any, draft: Meeting, priya: User, sign_in: Any
) -> None:
    make_member(community, "Nora")
    page = sign_in(priya).get(url(draft, "publish"))
    text = text_of(page)

    assert page.context["told"] in text
    assert "Who gets the invitation" in text
    assert "Night staff" in page.context["mail"].subject
    assert "They want no invitations: " in text, "nobody here has asked for them"
    assert "%%" not in text
    assert "secret-room" not in text
    assert " sandbox>" in text


def test_the_mail_stands_in_a_frame_without_power(
    draft: Meeting, priya: User, outsider: User, dani: User, sign_in: Any
) -> None:
    page = sign_in(priya).get(url(draft, "preview"))

    assert page.status_code == 200
    assert page["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert page["X-Frame-Options"] == "SAMEORIGIN"
    assert "Night staff" in page.content.decode()
    for person in (outsider, dani):
        assert sign_in(person).get(url(draft, "preview")).status_code in {302, 403, 404}


def test_the_other_steps_carry_no_preview(draft: Meeting, priya: User, sign_in: Any) -> None:
    page = sign_in(priya).get(url(draft, "cancel"))

    assert "<iframe" not in page.content.decode()

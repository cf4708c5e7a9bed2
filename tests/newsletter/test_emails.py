import re

import pytest

from newsletter.emails import issue_email, preview_html
from newsletter.rules import MAX_BYTES
from tests.factories import make_meeting
from tests.newsletter.makers import make_issue, make_item, make_resource

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue(community):
    issue = make_issue(
        community,
        subject="Ten-minute drills & a “yes”",
        intro="Dear *friends*,\n\n<script>alert(1)</script> here it is.",
    )
    meeting = make_meeting(community, title="Peer input", audience="public")
    resource = make_resource(community, visibility="members")
    make_item(
        issue,
        "Peer input",
        kind="meeting_next",
        text="Bring a question & a mug.",
        source=f"meeting:{meeting.public_id}",
        path=meeting.get_absolute_url(),
        position=10,
    )
    make_item(
        issue,
        "Drill card",
        kind="new_resource",
        text="Secret summary",
        edition="members",
        source=f"resource:{resource.public_id}",
        path=resource.get_absolute_url(),
        position=20,
    )
    return issue


def test_issue_email_text_is_a_letter(issue):
    email = issue_email(issue, "members", "en")

    lines = email.text.splitlines()
    assert email.subject == "Ten-minute drills & a “yes”"
    assert lines[:3] == ["Ten-minute drills & a “yes”", "", "Every Door · Newsletter 5"]
    assert "* Coming meeting: Peer input" in lines
    assert "Thursday 10 December 2026, 10:00 to 11:30 a.m. Pacific time" in email.text
    assert "Bring a question & a mug." in lines
    assert re.search(
        r"Sign in to read it:\nhttp://localhost:8000/every-door/library/\w+/", email.text
    )
    assert "Secret summary" not in email.text + email.html
    assert "%%UNSUBSCRIBE_URL%%" in email.text
    assert "%%CHOICES_URL%%" in email.text
    assert "Test Society, 1 Test Street" in email.text
    assert "PST" not in email.text
    assert not re.search(r"\n{4,}", email.text)


def test_issue_email_html_is_harmless_and_complete(issue):
    html = issue_email(issue, "members", "en").html

    assert "<script" not in html
    assert "%%UNSUBSCRIBE_URL%%" in html
    assert 'href="http://localhost:8000/every-door/newsletter/5/"' in html
    assert not re.search(r'href="/', html)
    assert "secret-room" not in html


def test_issue_email_public_edition_does_not_know_the_rest(issue):
    email = issue_email(issue, "public", "en")

    assert "Peer input" in email.text
    assert "Drill card" not in email.text + email.html


def test_issue_email_speaks_french(issue):
    email = issue_email(issue, "public", "fr")

    assert "jeudi 10 décembre" in email.text


def test_issue_email_with_sixty_items_is_not_cut_off(community):
    issue = make_issue(community, intro="Hello " * 100)
    for number in range(60):
        make_item(
            issue,
            f"Item {number}: Ɂeḵw̱i7tel — a longer title of the usual length, with accents é",
            text="These are about as many words as a draft takes over from a summary. " * 4,
            path=f"/every-door/library/bcdfghjkmnp{number}/",
            position=number,
        )

    assert len(issue_email(issue, "members", "en").html.encode()) < MAX_BYTES


def test_preview_is_the_mail_itself(issue):
    assert preview_html(issue, "members", "en") == issue_email(issue, "members", "en").html


def test_a_test_says_so(issue, dani):
    assert not issue_email(issue, "public", "en").subject.startswith("[")

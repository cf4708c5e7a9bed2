"""What people send that nobody planned for, through the real pages: a clear sentence each time,
nothing lost, nothing kept that was refused.

Shown elsewhere, and not again here: names in every orthography from the search to the review
(views/test_joining_people.py, views/test_organizations.py); line breaks, NUL and control signs at
sign-up and in letters (tests/faults/test_web_injection.py); a period in the past and a society
number (views/test_joining_offers.py). Files: test_bad_files.py. Links and ids:
test_bad_addresses.py. Two applications at once: test_two_at_once.py.
"""

import re
from typing import Any

import pytest

from members.models import (
    Affiliation,
    DirectoryProfile,
    Evidence,
    MembershipApplication,
    MentorshipRequest,
    Organization,
    User,
)
from tests.factories import make_community
from tests.faults.checksum import checksum
from tests.members.conftest import apply

JOIN = "/every-door/join/"
FORM = {"applying_as": "provider", "role_group": "front_line", "agreement": "on"}
NEW = FORM | {"proposed_name": "Lantern Street", "proposed_city": "Surrey"}
SHOWN = FORM | {"criterion": "REGISTERED", "REGISTERED-reference": "Moss Stair"}
PROFILE = {"display_name": "Nia", "language": "en", "timezone": "America/Vancouver"}
WISH = {"topics": "Nights", "languages": "English"}
SITES = {"sites-TOTAL_FORMS": "0", "sites-INITIAL_FORMS": "0"}
HOUSE = SITES | {"name": "Quiet Anchor", "kind": "service_provider", "language": "en"}
LONG = "Zoë-" * 63 + "end"
FROM_RIGHT = "\u202bבית מחסה مركز التعافي\u202c"
PLAIN = "בית מחסה مركز التعافي"
# A name of nothing but invisible signs is no name.
REFUSALS = (
    "Null characters are not allowed", "This field is required", "Tell us the", "Give this, or",
)  # fmt: skip
# Who, where, what else the form needs, the field, and its longest text.
FORMS: dict[str, tuple[str, str, dict[str, str], str, int]] = {
    "own name": ("newcomer", "/me/profile/", PROFILE, "display_name", 120),
    "new organization": ("newcomer", f"{JOIN}?new=", NEW, "proposed_name", 160),
    "its city": ("newcomer", f"{JOIN}?new=", NEW, "proposed_city", 80),
    "what one is called": ("newcomer", f"{JOIN}?new=", NEW, "role_title", 120),
    "reference": ("newcomer", JOIN, SHOWN, "REGISTERED-reference", 160),
    "work": ("newcomer", "/me/work/add/", {"role_group": "manager"}, "role_title", 120),
    "pronouns": ("dani", "/every-door/directory/me/", {}, "pronouns", 40),
    "ask me about": ("dani", "/every-door/directory/me/", {}, "ask_me_about", 300),
    "wish": ("dani", "/every-door/mentorship/wish/", WISH, "topics", 300),
    "organization at the desk": ("priya", "/desk/members/organization/add/", HOUSE, "name", 255),
    "legal name": ("priya", "/desk/members/organization/add/", HOUSE, "legal_name", 255),
}


def text_of(response: Any) -> str:
    return response.content.decode()


def plain(response: Any, own: str) -> str:
    """Without what every answer has of its own: its address and its seal against forgery."""
    return re.sub(r"\b[A-Za-z0-9]{64}\b", "SEAL", text_of(response)).replace(own, "OWN")


@pytest.fixture(params=FORMS)
def filled(request: Any, sign_in: Any, community: Any, criterion: Any, house: Any) -> Any:
    """`send(words)` puts them into the field and sends the form; and how many signs it takes."""
    who, path, rest, field, most = FORMS[request.param]
    client = sign_in(request.getfixturevalue(who))
    if path in {JOIN, "/me/work/add/"}:
        path += f"?org={house.public_id}"

    def send(words: str) -> Any:
        return client.post(path, rest | {field: words})

    return send, most


def test_a_name_of_255_signs_is_taken_or_said_to_be_too_long(filled: Any) -> None:
    send, most = filled
    assert len(LONG) == 255
    before = checksum()

    response = send(LONG)

    if most >= len(LONG):
        assert response.status_code == 302
        return
    text = text_of(response)
    assert response.status_code == 200
    assert f"at most {most} characters (it has 255)" in text
    assert LONG in text
    assert checksum() == before


def test_a_name_from_right_to_left_is_kept_without_its_signs(filled: Any) -> None:
    send, _most = filled
    words = FROM_RIGHT[:40]

    assert send(words).status_code == 302

    kept = kept_words()
    assert PLAIN[: len(words) - 2] in kept or PLAIN in kept
    assert "\u202b" not in kept


def kept_words() -> str:
    """Every place where these forms keep what was typed."""
    rows: list[Any] = [
        *Organization.objects.values_list("name", "legal_name", "city"),
        *Evidence.objects.values_list("reference"),
        *DirectoryProfile.objects.values_list("pronouns", "ask_me_about"),
        *MentorshipRequest.objects.values_list("topics"),
    ]
    rows += [
        *User.objects.values_list("display_name"),
        *Affiliation.objects.values_list("role_title"),
    ]
    return " ".join(str(word) for row in rows for word in row)


@pytest.mark.parametrize("words", ["Za\x00ra", "Za\x07\x1bra\x7f", "\x00", "\u200b\u202e"])
def test_nul_and_control_signs_are_refused_or_left_out(filled: Any, words: str) -> None:
    send, _most = filled

    response = send(words)

    kept = kept_words()
    assert not {"\x00", "\x07", "\x1b", "\x7f", "\u200b", "\u202e"} & set(kept)
    if response.status_code != 302:
        assert response.status_code == 200
        assert any(sentence in text_of(response) for sentence in REFUSALS)


@pytest.mark.parametrize(
    "path",
    [JOIN, f"{JOIN}organizations/", "/every-door/directory/", "/communities/", "/me/work/add/"],
)
@pytest.mark.parametrize("words", ["a\x00b", "\x07\x1b", LONG * 4, "\u202e\u202d", "%' OR 1=1 --"])
def test_addresses_with_strange_words_open(
    sign_in: Any, community: Any, dani: Any, path: str, words: str
) -> None:
    client = sign_in(dani)
    for name in ("q", "after", "new", "org"):
        assert client.get(path, {name: words}).status_code in {200, 302, 404}


CLOSED = {
    "paused": ({"status": "paused"}, "Nobody can join at this time"),
    "closing": ({"status": "closing"}, "Nobody can join at this time"),
    "by invitation": ({"admission_policy": "invitation"}, "This community is by invitation"),
}


@pytest.mark.parametrize("how", CLOSED)
def test_joining_what_is_closed_is_said_and_changes_nothing(
    sign_in: Any, newcomer: Any, house: Any, how: str
) -> None:
    changes, words = CLOSED[how]
    make_community("quiet", **changes)
    client, before = sign_in(newcomer), checksum()

    for path in ("/quiet/join/", f"/quiet/join/?org={house.public_id}", "/quiet/join/?alone=1"):
        assert words in text_of(client.get(path))
        assert words in text_of(client.post(path, NEW))
    assert checksum() == before


def test_joining_what_is_archived_is_like_joining_what_never_was(
    sign_in: Any, newcomer: Any, house: Any
) -> None:
    make_community("gone", status="archived")
    client, before = sign_in(newcomer), checksum()

    for query in ("", f"?org={house.public_id}"):
        gone, never = (client.post(f"/{slug}/join/{query}", NEW) for slug in ("gone", "never"))
        assert gone.status_code == never.status_code == 404
        assert plain(gone, "gone") == plain(never, "never")
    assert checksum() == before


def test_a_community_that_pauses_while_one_types_says_so(
    sign_in: Any, newcomer: Any, community: Any, house: Any
) -> None:
    client = sign_in(newcomer)
    assert client.get(f"{JOIN}?org={house.public_id}").status_code == 200
    type(community).objects.filter(pk=community.pk).update(status="paused")

    response = client.post(f"{JOIN}?org={house.public_id}", FORM)

    assert "Nobody can join at this time" in text_of(response)
    assert not MembershipApplication.objects.exists()


def test_an_application_that_waits_stays_whole_while_the_community_pauses(
    sign_in: Any, newcomer: Any, community: Any, house: Any
) -> None:
    application = apply(community, newcomer, organization=house)
    type(community).objects.filter(pk=community.pk).update(status="paused")

    assert sign_in(newcomer).get(application.get_absolute_url()).status_code == 200
    application.refresh_from_db()
    assert application.state == "submitted"

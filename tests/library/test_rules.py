"""What each kind asks for before it goes out; members' own form stays simple."""

import pytest

from library.actions import Incomplete, publish_resource, submit_resource
from library.models import Resource
from library.queries.names import members_named_in
from library.rules import hints_for, missing_for
from library.steps import CHECKS
from tests.factories import NOW, make_meeting, make_member, make_organization
from tests.library.factories import make_resource

PRACTICE = {"kind": "best_practice", "used_where": "Two houses, a year", "limits": "Not at night"}
GOOD = [
    PRACTICE,
    {"kind": "guideline", "publisher": "Health", "edition": "3rd", "url": "", "body": "x"},
    {"kind": "guideline", "publisher": "Health"},
    {"kind": "tool"},
    {"kind": "tool", "url": "", "file": "library/a", "file_type": "docx"},
    {"kind": "policy_statement", "is_external": True},
    {"kind": "recording", "transcript": "We met."},
    {"kind": "recording", "captions": "library/c"},
    {"kind": "slides"},
    {"kind": "link", "rights": "link_only"},
    {"kind": "meeting_notes"},
]
BAD = [
    (PRACTICE | {"used_where": " "}, "where it was used"),
    (PRACTICE | {"limits": ""}, "does not fit"),
    ({"kind": "guideline", "edition": "3rd"}, "publisher"),
    ({"kind": "guideline", "publisher": "Health", "url": "", "body": "x"}, "edition"),
    ({"kind": "tool", "rights": "permission_on_file"}, "rights"),
    ({"kind": "tool", "rights": "link_only"}, "rights"),
    ({"kind": "policy_statement"}, "endorsement"),
    ({"kind": "recording"}, "captions"),
    ({"kind": "case_study", "organization_consent": "Mail of May"}, "recognized"),
    ({"kind": "case_study"}, "organization"),
]


@pytest.mark.parametrize("fields", GOOD)
def test_nothing_is_missing(fields):
    assert missing_for(Resource(**({"url": "https://a.example"} | fields))) == []


@pytest.mark.parametrize(("fields", "word"), BAD)
def test_what_is_missing_is_said_as_what_to_do(community, priya, fields, word):
    resource = make_resource(community, state="in_review", **fields)
    assert any(word in text for text in missing_for(resource))
    with pytest.raises(Incomplete, match=word):
        publish_resource(resource=resource, by=priya, now=NOW)
    resource.refresh_from_db()
    assert resource.state == "in_review"


def test_a_tool_that_nobody_can_change_is_worth_a_thought():
    """A poster is a tool as well: nothing is missing."""
    poster = Resource(kind="tool", file="library/a", file_type="pdf")
    assert (missing_for(poster), len(hints_for(poster))) == ([], 1)
    assert hints_for(Resource(kind="tool", file="library/a", file_type="docx")) == []
    assert hints_for(Resource(kind="guideline", file="library/a", file_type="pdf")) == []


def test_a_named_organization_has_said_yes(community):
    house = make_organization("Harbour House")
    fields = PRACTICE | {"organization": house}
    assert missing_for(Resource(**fields))
    assert not missing_for(Resource(**fields, organization_consent="Mail of May"))


def test_a_case_study_is_signed_when_it_goes_out(community, priya):
    case = make_resource(
        community, kind="case_study", state="in_review", organization_consent="Mail of May"
    )
    publish_resource(resource=case, by=priya, now=NOW, is_checked=True)
    case.refresh_from_db()
    assert (case.state, case.checked_by, case.checked_at) == ("published", priya, NOW)


def test_notes_of_a_meeting_are_signed(community, priya):
    notes = make_resource(
        community, kind="meeting_notes", state="in_review", meeting=make_meeting(community)
    )
    with pytest.raises(Incomplete, match="facilitator"):
        publish_resource(resource=notes, by=priya, now=NOW)
    publish_resource(resource=notes, by=priya, now=NOW, is_checked=True)


@pytest.mark.parametrize(
    ("kind", "days"), [("best_practice", 730), ("guideline", 365), ("tool", None)]
)
def test_when_it_is_looked_at_again(community, priya, kind, days):
    good = {**PRACTICE, "publisher": "Health", "kind": kind}
    resource = make_resource(community, state="in_review", **good)
    publish_resource(resource=resource, by=priya, now=NOW)
    due = resource.__class__.objects.get(pk=resource.pk).review_due_on
    assert (due and (due - NOW.date()).days) == days


def test_a_recording_is_kept_for_two_years(community, priya):
    film = make_resource(community, state="in_review", kind="recording", transcript="We met.")
    publish_resource(resource=film, by=priya, now=NOW)
    film.refresh_from_db()
    assert (film.expires_on - NOW.date()).days == 730


@pytest.mark.parametrize("fields", [fields for fields, _word in BAD])
def test_a_member_sends_it_all_the_same(community, dani, fields):
    content = {"url": "https://a.example"} if "body" not in fields else {}
    resource = submit_resource(
        community=community, person=dani, now=NOW, title="T", summary="S", **(content | fields)
    )
    assert resource.state == "in_review"


def test_a_librarian_who_sends_something_unfinished_finishes_it_at_the_desk(community, priya):
    resource = submit_resource(
        community=community, person=priya, now=NOW, publish=True, title="T", summary="S",
        kind="best_practice", body="x",
    )  # fmt: skip
    assert resource.state == "in_review"


class TestDesk:
    @staticmethod
    def path(resource: Resource, step: str) -> str:
        return f"/desk/library/resource/{resource.pk}/{step}/"

    def test_the_page_shows_what_is_still_to_do(self, sign_in, community, priya):
        resource = make_resource(community, state="in_review", kind="best_practice")
        page = sign_in(priya).get(self.path(resource, "change")).content.decode()
        assert "Say where it was used" in page
        assert "Say where it does not fit" in page

    def test_each_line_is_ticked_before_it_goes_out(self, sign_in, community, priya):
        case = make_resource(
            community, kind="case_study", state="in_review", organization_consent="Mail of May"
        )
        client, path = sign_in(priya), self.path(case, "publish")
        page = client.get(path).content.decode()
        assert "Nobody can be recognized" in page
        # What is signed right here is not missing.
        assert "Still missing" not in page
        assert client.post(path, {"check0": "on"}).status_code == 200
        ticked = {f"check{number}": "on" for number in range(len(CHECKS["case_study"]))}
        assert client.post(path, ticked).status_code == 302
        case.refresh_from_db()
        assert (case.state, case.checked_by) == ("published", priya)

    def test_names_of_members_are_pointed_at(self, sign_in, community, priya):
        make_member(community, "Zoé Lavallée")
        make_member(community, "Bo")
        notes = make_resource(
            community, kind="meeting_notes", state="in_review", url="",
            body="Then **zoe lavallee** said no. Bo agreed, and Zoés too.",
        )  # fmt: skip
        assert members_named_in(notes) == ["Zoé Lavallée"]
        page = sign_in(priya).get(self.path(notes, "publish")).content.decode()
        assert "Names in it" in page
        assert "Zoé Lavallée" in page

    def test_a_tool_may_name_its_makers(self, community):
        make_member(community, "Zoé Lavallée")
        assert members_named_in(make_resource(community, summary="By Zoé Lavallée")) == []

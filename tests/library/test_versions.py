"""New versions: the one before stays readable, with the line on what changed."""

import pytest
from django.urls import reverse

from cop.core.models import AuditEvent
from cop.core.uploads import check_upload
from library.actions import (
    Incomplete,
    NotNow,
    add_credit,
    drop_versions,
    edit_resource,
    remove_credit,
    replace_content,
)
from library.models import Resource, ResourceCredit, ResourceVersion
from tests.core.uploads import PDF, upload
from tests.factories import NOW
from tests.library.factories import make_resource

NOTE = "New phone numbers"


def address(resource: Resource, number: int = 1, name: str = "version_detail") -> str:
    return reverse(f"library:{name}", args=[resource.community.slug, resource.public_id, number])


@pytest.fixture
def text(community) -> Resource:
    return make_resource(community, title="Night card", url="", body="Ring *Ana*.")


def replaced(resource: Resource, by, **content: object) -> Resource:
    values = {"body": "Ring Bo.", "change_note": NOTE, "now": NOW} | content
    return replace_content(resource=resource, by=by, **values)


def test_the_version_before_is_kept_with_its_number_and_note(text, priya):
    replaced(text, priya, title="Card for nights")

    text.refresh_from_db()
    assert (text.version, text.title, text.body) == (2, "Card for nights", "Ring Bo.")
    old = ResourceVersion.objects.get()
    assert (old.number, old.title, old.body) == (1, "Night card", "Ring *Ana*.")
    assert (old.change_note, old.replaced_by, old.replaced_at) == (NOTE, priya, NOW)
    assert AuditEvent.objects.filter(action="library.resource_edited").exists()


def test_one_kind_of_content_takes_the_place_of_another(text, priya, own_media):
    replaced(text, priya, body=None, upload=check_upload(upload("a.pdf", PDF)))
    text.refresh_from_db()
    first = text.file.name
    replaced(text, priya, body=None, upload=check_upload(upload("b.pdf", PDF)))
    text.refresh_from_db()
    replaced(text, priya, body=None, url="https://new.example/card")

    text.refresh_from_db()
    assert (text.version, text.file.name, text.body) == (4, "", "")
    kept = ResourceVersion.objects.order_by("number")
    assert [(one.number, one.file_name) for one in kept] == [(1, ""), (2, "a.pdf"), (3, "b.pdf")]
    assert kept[1].file.name == first
    assert (own_media / first).read_bytes() == PDF


def test_a_new_link_is_asked_anew(community, priya):
    dead = make_resource(community, link_state="dead", link_problem="HTTP 404", link_checked_at=NOW)
    replaced(dead, priya, body=None, url="https://new.example/")

    dead.refresh_from_db()
    assert (dead.link_state, dead.link_problem, dead.link_checked_at) == ("unknown", "", None)


@pytest.mark.parametrize(
    "content",
    [
        {"change_note": "  "},
        {"body": None},
        {"url": "https://two.example"},
        {"body": "Ring *Ana*."},
    ],
)
def test_what_is_refused(text, priya, content):
    with pytest.raises(Incomplete):
        replaced(text, priya, **content)
    assert not ResourceVersion.objects.exists()


@pytest.mark.parametrize("state", ["withdrawn", "archived", "superseded", "in_review"])
def test_only_of_what_is_in_the_library(community, priya, state):
    with pytest.raises(NotNow):
        replaced(make_resource(community, state=state, url="", body="One"), priya)


def test_of_two_at_once_the_second_looks_first(text, priya):
    """Both opened version 1."""
    twice = Resource.objects.get(pk=text.pk)
    replaced(text, priya)
    with pytest.raises(NotNow, match="version 2"):
        replaced(twice, priya, body="Ring Cy.")
    # The same press again is the same answer, and no third version.
    with pytest.raises(NotNow):
        replaced(twice, priya)
    with pytest.raises(NotNow):
        edit_resource(
            resource=twice, by=priya, now=NOW, body="Ring Cy.", change_note=NOTE, seen=twice.version
        )
    text.refresh_from_db()
    assert (text.version, text.body) == (2, "Ring Bo.")


def test_tidying_words_makes_no_version(text, priya):
    edit_resource(resource=text, by=priya, now=NOW, summary="Better.", title="Night card 2", seen=1)
    text.refresh_from_db()
    assert text.version == 1


def test_earlier_versions_stay_readable(client, text, priya):
    replaced(text, priya)
    page = client.get(text.get_absolute_url()).content.decode()
    assert "1 earlier version" in page
    assert NOTE in page
    assert address(text) in page

    old = client.get(address(text)).content.decode()
    assert "Ring <em>Ana</em>." in old
    assert "There is a newer version now" in old
    assert text.get_absolute_url() in old
    assert client.get(address(text, 2)).status_code == 404


def test_an_earlier_link_and_file_are_there(client, community, priya, own_media):
    one = make_resource(community)
    replaced(one, priya, body=None, upload=check_upload(upload("Plan.pdf", PDF)))
    one.refresh_from_db()
    replaced(one, priya)

    assert "https://tools.example/card" in client.get(address(one)).content.decode()
    assert address(one, 2, "version_file") in client.get(address(one, 2)).content.decode()
    answer = client.get(address(one, 2, "version_file"))
    assert b"".join(answer) == PDF
    assert "Plan.pdf" in answer["Content-Disposition"]
    assert client.get(address(one, 1, "version_file")).status_code == 404
    ResourceVersion.objects.update(scan_state="infected")
    assert client.get(address(one, 2, "version_file")).status_code == 404
    assert "keep this file locked" in client.get(address(one, 2)).content.decode()


@pytest.mark.parametrize(
    ("fields", "inside", "outside", "keeper"),
    [
        ({}, 200, 200, 200),
        ({"visibility": "members"}, 200, 404, 200),
        ({"state": "superseded"}, 200, 200, 200),
        ({"state": "withdrawn"}, 404, 404, 200),
        ({"state": "archived"}, 404, 404, 200),
        ({"state": "in_review"}, 404, 404, 200),
    ],
)
def test_who_reads_an_earlier_version(
    sign_in, text, priya, dani, visitor, fields, inside, outside, keeper
):
    replaced(text, priya)
    Resource.objects.filter(pk=text.pk).update(**fields)
    for person, status in ((dani, inside), (visitor, outside), (priya, keeper)):
        assert sign_in(person).get(address(text)).status_code == status


def test_the_list_is_one_question_and_none_without_versions(
    client, text, priya, django_assert_max_num_queries
):
    path = text.get_absolute_url()

    def asked() -> int:
        with django_assert_max_num_queries(30) as seen:
            client.get(path)
        return len(seen)

    asked()
    alone = asked()
    for number in range(21):
        text.refresh_from_db()
        replaced(text, priya, body=f"Ring {number}.")
    assert asked() == alone + 1


def test_throwing_earlier_versions_away(
    community, priya, own_media, django_capture_on_commit_callbacks
):
    one = make_resource(community)
    replaced(one, priya, body=None, upload=check_upload(upload("a.pdf", PDF)))
    one.refresh_from_db()
    name = one.file.name
    replaced(one, priya)
    with pytest.raises(Incomplete):
        drop_versions(resource=one, by=priya, reason=" ")
    with django_capture_on_commit_callbacks(execute=True):
        drop_versions(resource=one, by=priya, reason="A face in it")
        drop_versions(resource=one, by=priya, reason="Pressed twice")

    assert not ResourceVersion.objects.exists()
    assert not (own_media / name).exists()
    assert AuditEvent.objects.get(action="library.versions_dropped").reason == "A face in it"


@pytest.mark.parametrize(("consent", "left"), [("withdrawn", 0), ("given", 1)])
def test_who_took_the_yes_back_stays_in_no_earlier_version(text, priya, dani, consent, left):
    replaced(text, priya)
    credit = add_credit(resource=text, part="speaker", by=priya, now=NOW, person=dani)
    ResourceCredit.objects.filter(pk=credit.pk).update(consent=consent)

    remove_credit(credit=credit, by=priya)
    assert ResourceVersion.objects.count() == left


class TestDesk:
    @staticmethod
    def step(resource: Resource, name: str = "version") -> str:
        return f"/desk/library/resource/{resource.pk}/{name}/"

    def test_a_new_version_by_its_step(self, sign_in, text, priya):
        client = sign_in(priya)
        page = client.get(self.step(text)).content.decode()
        assert "Ring *Ana*." in page
        assert "multipart/form-data" in page
        words = {"body": "Ring Bo.", "change_note": NOTE, "seen": "1"}
        assert client.post(self.step(text), words).status_code == 302
        late = client.post(self.step(text), words, follow=True).content.decode()
        assert "Somebody put in version 2 meanwhile" in late
        text.refresh_from_db()
        assert text.version == 2

    def test_a_file_takes_the_place_of_the_text(self, sign_in, text, priya, own_media):
        words = {
            "body": text.body, "change_note": NOTE, "seen": "1", "new_file": upload("a.pdf", PDF),
        }  # fmt: skip
        assert sign_in(priya).post(self.step(text), words).status_code == 302
        text.refresh_from_db()
        assert (text.body, text.file_name) == ("", "a.pdf")

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            ({"body": "New"}, "This field is required"),
            ({"body": "", "change_note": "x"}, "Give exactly one"),
            ({"body": "New", "url": "https://a.example", "change_note": "x"}, "Give exactly one"),
        ],
    )
    def test_what_is_missing_is_said(self, sign_in, text, priya, words, sentence):
        answer = sign_in(priya).post(self.step(text), words | {"seen": "1"})
        assert answer.status_code == 200
        assert sentence in answer.content.decode()

    def test_throwing_away_is_offered_where_there_is_something(self, sign_in, text, priya):
        client, change = sign_in(priya), self.step(text, "change")
        assert "drop-versions" not in client.get(change).content.decode()
        replaced(text, priya)
        assert "drop-versions" in client.get(change).content.decode()
        client.post(self.step(text, "drop-versions"), {"reason": "A face"})
        assert not ResourceVersion.objects.exists()

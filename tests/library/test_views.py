import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext

from library.actions.indexing import reindex
from library.models import Resource
from members.models import RoleGrant
from tests.conftest import CAST
from tests.core.uploads import PDF, picture, upload
from tests.factories import make_person
from tests.library.factories import make_resource

LIST = "/every-door/library/"
ADD = "/every-door/library/add/"
INSIDE = {"dani", "ally", "priya"}
FORM = {
    "what": "url", "url": "https://a.example/card", "title": "Handover card",
    "summary": "For nights.", "kind": "tool", "language": "en", "topics": "Nights, nights , Team",
    "visibility": "members_and_allies", "rights": "own",
}  # fmt: skip


def stored(community, **fields) -> Resource:
    return make_resource(
        community, file=ContentFile(PDF, name="key"), file_name="Plan é.pdf", file_type="pdf",
        file_size=len(PDF), **fields,
    )  # fmt: skip


@pytest.mark.parametrize("who", CAST)
def test_resource_list_shows_what_one_may_see(request, sign_in, community, other_community, who):
    make_resource(community, title="Open tool")
    make_resource(community, title="Inner tool", visibility="members_and_allies")
    make_resource(community, title="Waiting tool", state="in_review")
    make_resource(other_community, title="Foreign tool")
    page = sign_in(request.getfixturevalue(who)).get(LIST)

    text = page.content.decode()
    assert page.status_code == 200
    assert "Open tool" in text
    assert ("Inner tool" in text) == (who in INSIDE)
    assert "Waiting tool" not in text
    assert "Foreign tool" not in text
    assert ("Members and allies see more" in text) == (who not in INSIDE)
    assert ("sign in</a>" in text) == (who == "visitor")


@pytest.mark.parametrize("who", ["visitor", "dani"])
@pytest.mark.parametrize("query", ["", "?q=tool&kind=tool", "?q=toool", "?q=zzzz"])
def test_resource_list_query_count_is_constant(request, sign_in, community, who, query):
    client = sign_in(request.getfixturevalue(who))
    counts = []
    for _round in range(2):
        make_resource(community, title="Night tool", topics=["nights"], sensitivity="heavy_topic")
        make_resource(community, title="Day tool", visibility="members", body="Text " * 50, url="")
        client.get(LIST + query)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST + query).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 13


def test_resource_list_says_when_it_is_empty(sign_in, community, visitor, dani):
    assert "Nothing here for everybody yet" in sign_in(visitor).get(LIST).content.decode()
    assert "The shelves are still empty" in sign_in(dani).get(LIST).content.decode()
    assert "Nothing found" in sign_in(dani).get(f"{LIST}?q=xyzzy").content.decode()


def test_resource_list_offers_near_titles(sign_in, community, visitor):
    reindex(make_resource(community, title="Overdose drill script"))

    text = sign_in(visitor).get(f"{LIST}?q=overdoze").content.decode()
    assert "This is what we have for" in text
    assert "Overdose drill script" in text


def test_resource_list_keeps_filters_on_the_next_page(sign_in, community, visitor):
    for number in range(21):
        make_resource(community, title=f"Card {number}", topics=["nights"])
    client = sign_in(visitor)

    first = client.get(f"{LIST}?topic=nights")
    next_url = first.context["next_url"]
    assert next_url.startswith("?topic=nights&after=")
    assert [row.title for row in client.get(LIST + next_url).context["found"].rows] == ["Card 0"]


def test_resource_list_escapes_hostile_words(sign_in, community, visitor):
    title = "<script>alert(1)</script> Été " + "x" * 120
    make_resource(
        community, title=title, summary="<img src=x onerror=alert(1)> word", topics=["<b>nights"]
    )
    client = sign_in(visitor)

    for query in ("", "?q=word", "?q=<script>alert(1)</script>", "?topic=<b>nights"):
        text = client.get(LIST + query).content.decode()
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "<b>nights" not in text


def test_resource_list_of_no_community_is_404(sign_in, community, visitor):
    assert sign_in(visitor).get("/nowhere/library/").status_code == 404


STATUS = {
    ("public", "published"): {who: 200 for who in CAST},
    ("members_and_allies", "published"): {"dani": 200, "ally": 200, "priya": 200, "admin": 200},
    ("members", "review_due"): {"dani": 200, "priya": 200, "admin": 200},
    ("public", "in_review"): {"priya": 200, "admin": 200},
    ("public", "archived"): {"priya": 200, "admin": 200},
    ("members", "withdrawn"): {"dani": 410, "priya": 410, "admin": 410},
}


@pytest.mark.parametrize(("visibility", "state"), STATUS)
@pytest.mark.parametrize("who", CAST)
def test_resource_detail_and_file_ask_who_it_is(
    request, sign_in, community, other_community, who, visibility, state
):
    resource = stored(community, visibility=visibility, state=state)
    client = sign_in(request.getfixturevalue(who))
    expected = STATUS[visibility, state].get(who, 404)

    assert client.get(resource.get_absolute_url()).status_code == expected
    file = client.get(f"{resource.get_absolute_url()}file/").status_code
    if expected == 410:
        expected = 200 if who in {"priya", "admin"} else 404
    assert file == expected
    elsewhere = resource.get_absolute_url().replace("every-door", "social-rd")
    assert client.get(elsewhere).status_code == 404


def test_resource_detail_shows_why_it_was_withdrawn_and_nothing_else(sign_in, community, visitor):
    resource = make_resource(
        community, state="withdrawn", return_reason="Out of date.", summary="Old words."
    )

    text = sign_in(visitor).get(resource.get_absolute_url()).content.decode()
    assert "Out of date." in text
    assert "Old words." not in text
    assert "tools.example" not in text


def test_resource_detail_cleans_the_text(sign_in, community, visitor):
    resource = make_resource(
        community, url="", body="**Bold** <script>x</script> [a](javascript:alert(1))"
    )

    text = sign_in(visitor).get(resource.get_absolute_url()).content.decode()
    assert "<strong>Bold</strong>" in text
    assert "<script>x" not in text
    assert 'href="javascript' not in text


def test_resource_file_is_an_attachment_only(sign_in, community, visitor):
    resource = stored(community)
    response = sign_in(visitor).get(f"{resource.get_absolute_url()}file/")

    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"].startswith('attachment; filename="Plan _.pdf"')
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("scanner", "state", "status"),
    [
        ("", "off", 200), ("", "pending", 200), ("", "clean", 200), ("", "infected", 409),
        ("scan:3310", "off", 409), ("scan:3310", "pending", 409), ("scan:3310", "clean", 200),
        ("scan:3310", "infected", 409),
    ],
)  # fmt: skip
def test_resource_file_waits_for_the_scanner(
    settings, sign_in, community, visitor, scanner, state, status
):
    settings.CLAMAV_ADDRESS = scanner
    resource = stored(community, scan_state=state)
    client = sign_in(visitor)

    answer = client.get(f"{resource.get_absolute_url()}file/")
    assert answer.status_code == status
    assert ("/file/" in client.get(resource.get_absolute_url()).content.decode()) == (status == 200)
    if status == 409:
        assert b"%PDF" not in answer.content


def test_resource_file_that_is_lost_is_404(sign_in, community, visitor, own_media):
    resource = stored(community)
    (own_media / resource.file.name).unlink()

    assert sign_in(visitor).get(f"{resource.get_absolute_url()}file/").status_code == 404


@pytest.mark.parametrize("who", CAST)
def test_resource_create_asks_who_it_is(request, sign_in, community, who):
    client = sign_in(request.getfixturevalue(who))
    expected = 200 if who in INSIDE else 302 if who == "visitor" else 403

    if who != "admin":
        assert client.get(ADD).status_code == expected
        client.post(ADD, FORM)
        assert Resource.objects.count() == (1 if who in INSIDE else 0)


@pytest.mark.parametrize(
    ("who", "state"), [("dani", "in_review"), ("ally", "in_review"), ("priya", "published")]
)
def test_resource_create_takes_a_link(request, sign_in, community, who, state):
    person = request.getfixturevalue(who)
    answer = sign_in(person).post(
        ADD, FORM | {"body": "left over", "state": "published"}, follow=True
    )

    resource = Resource.objects.get()
    assert answer.redirect_chain == [(f"{resource.get_absolute_url()}?sent=1", 302)]
    assert (resource.state, resource.submitted_by) == (state, person)
    assert (resource.url, resource.body) == ("https://a.example/card", "")
    assert resource.topics == ["nights", "team"]


def test_resource_create_lets_a_librarian_publish(sign_in, community, dani):
    RoleGrant.objects.create(
        community=community, person=dani, role="librarian", starts_on="2026-01-01"
    )
    sign_in(dani).post(ADD, FORM)

    assert Resource.objects.get().state == "published"


def test_resource_create_takes_a_photo(sign_in, community, dani):
    file = upload("IMG 1.JPG", picture(exif=True))
    sign_in(dani).post(ADD, FORM | {"what": "file", "file": file})

    resource = Resource.objects.get()
    assert (resource.url, resource.file_name, resource.file_type) == ("", "IMG 1.JPG", "jpg")
    assert b"Secret" not in resource.file.read()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"url": ""}, "Paste the link here"),
        ({"url": "javascript:alert(1)"}, "does not look like the address"),
        ({"url": "file:///etc/passwd"}, "does not look like the address"),
        ({"what": "file"}, "Choose the file"),
        ({"what": "body"}, "Write the text here"),
        ({"what": "file", "file": upload("a.pdf", b"<html>")}, "inside it is something else"),
        ({"what": "body", "body": "text", "rights": "link_only"}, "can only be a link"),
        ({"summary": ""}, "required"),
        ({"topics": "a,b,c,d,e,f,g"}, "Six topics at most"),
        ({"kind": "policy_statement"}, "policy_statement"),
        ({"what": "other"}, "other"),
        ({"title": "x" * 161}, "160"),
    ],
)
def test_resource_create_says_what_is_missing(sign_in, community, dani, change, says):
    answer = sign_in(dani).post(ADD, FORM | change)

    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert not Resource.objects.exists()


def test_resource_create_lets_no_ally_shut_out_themselves(sign_in, community, ally):
    answer = sign_in(ally).post(ADD, FORM | {"visibility": "members"})

    assert answer.status_code == 200
    assert not Resource.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_resource_create_lists_what_one_sent_in(sign_in, community, dani, ally, count):
    states = ["in_review", "returned", "published"]
    for state in states[:count]:
        make_resource(community, title=f"Mine {state}", state=state, submitted_by=dani)
    make_resource(community, title="Not mine", submitted_by=ally)
    client = sign_in(dani)

    with CaptureQueriesContext(connection) as queries:
        text = client.get(ADD).content.decode()
    assert [f"Mine {state}" in text for state in states] == [n < count for n in range(3)]
    assert "Not mine" not in text
    assert len(queries) == 8


@pytest.mark.parametrize("state", ["in_review", "returned"])
def test_resource_edit_sends_it_again(sign_in, community, dani, state):
    resource = stored(community, state=state, submitted_by=dani, return_reason="Which house?")
    edit = f"{resource.get_absolute_url()}edit/"
    client = sign_in(dani)

    assert ("Which house?" in client.get(edit).content.decode()) == (state == "returned")
    client.post(edit, FORM | {"what": "file", "url": "", "title": "Better title"})
    resource.refresh_from_db()
    assert (resource.state, resource.title) == ("in_review", "Better title")
    assert resource.file.read() == PDF


@pytest.mark.parametrize("state", ["published", "withdrawn"])
def test_resource_edit_is_closed_once_published(sign_in, community, dani, state):
    resource = make_resource(community, state=state, submitted_by=dani)

    answer = sign_in(dani).post(f"{resource.get_absolute_url()}edit/", FORM)
    assert answer.status_code == 403


@pytest.mark.parametrize("who", CAST)
def test_resource_edit_is_for_the_sender_only(request, sign_in, community, who):
    resource = make_resource(community, state="in_review", submitted_by=make_person("Sender"))
    expected = {"visitor": 302, "priya": 403, "admin": 403}.get(who, 404)

    client = sign_in(request.getfixturevalue(who))
    assert client.post(f"{resource.get_absolute_url()}edit/", FORM).status_code == expected


def test_newest_resources_tag_shows_three(rf, community, dani, visitor):
    for number in range(4):
        make_resource(community, title=f"Tool {number}")
    make_resource(community, title="Inner", visibility="members")
    template = Template("{% load library %}{% newest_resources community person 3 %}")

    inner = template.render(Context({"community": community, "person": dani}))
    outer = template.render(Context({"community": community, "person": visitor}))
    shown = [title for title in ("Inner", "Tool 3", "Tool 2", "Tool 1") if title in inner]
    assert shown == ["Inner", "Tool 3", "Tool 2"]
    assert "Inner" not in outer

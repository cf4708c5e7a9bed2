import pytest

from library.models import Resource
from library.steps import STEPS
from outbox.models import Delivery
from tests.conftest import CAST
from tests.core.uploads import PDF, upload
from tests.factories import make_person, make_staff
from tests.library.factories import make_resource

LIST = "/desk/library/resource/"
KEEPERS = {"priya", "admin"}


@pytest.fixture
def waiting(community) -> Resource:
    return make_resource(
        community, title="Handover card", state="in_review", submitted_by=make_person("Sender"),
        visibility="members_and_allies", topics=["nights"],
    )  # fmt: skip


def words(resource: Resource, **fields: str) -> dict[str, str]:
    values = {
        "title": resource.title, "summary": resource.summary, "kind": resource.kind,
        "sensitivity": resource.sensitivity,
        "language": resource.language, "visibility": resource.visibility,
        "rights": resource.rights, "source": resource.source, "url": resource.url,
        "body": resource.body, "topics": ", ".join(resource.topics), "reading_minutes": "",
        "review_due_on": "",
    }  # fmt: skip
    return values | fields


@pytest.mark.parametrize("who", CAST)
def test_the_queue_is_for_the_keepers_of_this_library(request, sign_in, waiting, who):
    client = sign_in(request.getfixturevalue(who))
    page = client.get(LIST)

    assert (page.status_code == 200) == (who in {*KEEPERS, "outsider"})
    assert (b"Handover card" in page.content) == (who in KEEPERS)
    for step in ("change", "publish", "return", "withdraw"):
        status = client.get(f"{LIST}{waiting.pk}/{step}/").status_code
        assert (status == 200) == (who in KEEPERS), step
    client.post(f"{LIST}{waiting.pk}/publish/")
    waiting.refresh_from_db()
    assert (waiting.state == "published") == (who in KEEPERS)


@pytest.mark.parametrize("role", ["reviewer", "editor", "facilitator"])
def test_other_staff_cannot_open_it(sign_in, community, waiting, role):
    client = sign_in(make_staff(community, role))

    assert client.get(LIST).status_code == 403
    assert client.post(f"{LIST}{waiting.pk}/publish/").status_code in {302, 403, 404}
    waiting.refresh_from_db()
    assert waiting.state == "in_review"


def test_buttons_follow_the_state(sign_in, priya, waiting):
    client = sign_in(priya)

    def buttons() -> set[str]:
        text = client.get(f"{LIST}{waiting.pk}/change/").content.decode()
        return {name for name in STEPS if f"{LIST}{waiting.pk}/{name}/" in text}

    assert buttons() == {"publish", "return"}
    client.post(f"{LIST}{waiting.pk}/publish/")
    assert buttons() == {"confirm", "version", "supersede", "archive", "withdraw"}


def test_return_and_withdraw_need_a_reason(sign_in, priya, waiting):
    client = sign_in(priya)

    assert client.post(f"{LIST}{waiting.pk}/return/", {"reason": " "}).status_code == 200
    client.post(f"{LIST}{waiting.pk}/return/", {"reason": "Which house?"})
    waiting.refresh_from_db()
    assert (waiting.state, waiting.return_reason) == ("returned", "Which house?")
    assert Delivery.objects.get().kind == "resource_returned"


def test_pressing_twice_says_what_happened(sign_in, priya, waiting):
    client = sign_in(priya)
    client.post(f"{LIST}{waiting.pk}/publish/")

    page = client.post(f"{LIST}{waiting.pk}/publish/", follow=True)
    assert "not possible any more" in page.content.decode()
    assert Delivery.objects.count() == 1


def test_the_form_tidies_through_the_action(sign_in, priya, waiting):
    answer = sign_in(priya).post(
        f"{LIST}{waiting.pk}/change/",
        words(waiting, title="Card for handovers", topics="Nights, Team", state="published"),
    )

    assert answer.status_code == 302
    waiting.refresh_from_db()
    assert (waiting.title, waiting.topics) == ("Card for handovers", ["nights", "team"])
    assert waiting.state == "in_review"


def test_the_form_never_widens(sign_in, priya, waiting):
    answer = sign_in(priya).post(f"{LIST}{waiting.pk}/change/", words(waiting, visibility="public"))

    assert answer.status_code == 200
    assert "More people would see this" in answer.content.decode()
    waiting.refresh_from_db()
    assert waiting.visibility == "members_and_allies"


def test_the_form_takes_another_file(sign_in, priya, waiting):
    client = sign_in(priya)
    both = words(waiting) | {"new_file": upload("a.pdf", PDF)}
    assert client.post(f"{LIST}{waiting.pk}/change/", both).status_code == 200

    alone = words(waiting, url="") | {"new_file": upload("a.pdf", PDF)}
    assert client.post(f"{LIST}{waiting.pk}/change/", alone).status_code == 302
    waiting.refresh_from_db()
    assert (waiting.url, waiting.file_name) == ("", "a.pdf")


@pytest.mark.parametrize("change", [{"url": ""}, {"body": "two"}, {"new_file": "bad"}])
def test_the_form_keeps_exactly_one_content(sign_in, priya, waiting, change):
    if "new_file" in change:
        change = {"url": "", "new_file": upload("a.pdf", b"MZ")}
    answer = sign_in(priya).post(f"{LIST}{waiting.pk}/change/", words(waiting) | change)

    assert answer.status_code == 200
    waiting.refresh_from_db()
    assert waiting.url == "https://tools.example/card"


def test_nobody_adds_or_deletes_here(sign_in, admin, waiting):
    client = sign_in(admin)

    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{waiting.pk}/delete/", {"post": "yes"}).status_code == 403

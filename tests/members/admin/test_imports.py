"""Lists at the desk: who may, the way of a list page by page, and the file that goes out."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from cop.core.models import AuditEvent
from members.actions.imports import run_imports, start_import
from members.models import ImportRun, Membership, Organization, User
from tests.conftest import CAST
from tests.factories import make_member, make_organization, make_staff

LIST = "/desk/members/importrun/"
STAFF = {"priya", "admin"}
PEOPLE = "Name,E-mail address,Organization\n"


def file_of(text, name="list.csv"):
    return SimpleUploadedFile(name, text.encode())


def page(run):
    return f"{LIST}{run.pk}/change/"


@pytest.fixture
def run(community, priya):
    text = PEOPLE + "Ana,ana@a.example,\nBo,nonsense,\n"
    found = start_import(
        community=community, kind="people", file=file_of(text), by=priya, now=timezone.now()
    )
    run_imports(now=timezone.now())
    found.refresh_from_db()
    return found


def read(response):
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("who", [*CAST, "reviewer"])
@pytest.mark.parametrize("step", ["list", "add", "export", "run", "history"])
def test_lists_are_for_coordinators(request, sign_in, run, who, step):
    url = {
        "list": LIST, "add": f"{LIST}add/", "export": f"{LIST}export/", "run": page(run),
        "history": f"{LIST}{run.pk}/history/",
    }[step]  # fmt: skip
    client = sign_in(request.getfixturevalue(who))

    status = client.get(url).status_code

    # The coordinator next door has lists too, but not this one.
    allowed = STAFF | ({"outsider"} if step in {"list", "add", "export"} else set())
    if who in allowed:
        assert status == 200
    else:
        assert status in {302, 403, 404}
        assert client.post(url, {"do": "take"}).status_code in {302, 403, 404}
    run.refresh_from_db()
    assert run.state == "ready"


def test_list_of_lists_shows_ones_own_community(sign_in, run, outsider, priya):
    assert "list.csv" in read(sign_in(priya).get(LIST))
    assert "list.csv" not in read(sign_in(outsider).get(LIST))


def test_doors_stand_beside_the_lists(sign_in, community, priya, reviewer):
    for model, kind in (("membership", "people"), ("organization", "organizations")):
        address = f"{LIST}add/?kind={kind}"
        assert address in read(sign_in(priya).get(f"/desk/members/{model}/"))
        assert address not in read(sign_in(reviewer).get(f"/desk/members/{model}/"))


def test_way_of_a_list(sign_in, community, priya, django_capture_on_commit_callbacks):
    client = sign_in(priya)
    text = read(client.get(f"{LIST}add/?kind=organizations"))
    assert "Street address" in text
    assert re.search(r'value="organizations"[^>]*checked', text)

    file = file_of(PEOPLE + "Ana,ana@a.example,\nBo,nonsense,\n<b>,c@a.example,\n")
    sent = client.post(f"{LIST}add/", {"community": community.pk, "kind": "people", "file": file})
    run = ImportRun.objects.get()
    assert sent["Location"] == page(run)
    waiting = read(client.get(page(run)))
    assert 'hx-trigger="every 2s"' in waiting
    assert "See how far it is" in waiting

    run_imports(now=timezone.now())
    text = read(client.get(page(run)))
    assert "New: 2" in text
    assert "<bdi>Ana</bdi>, <bdi>ana@a.example</bdi>" in text
    assert "&lt;b&gt;" in text
    assert "“nonsense” is no e-mail address" in text
    assert "every 2s" not in text
    assert not User.objects.filter(email="ana@a.example").exists()

    refused = read(client.post(page(run), {"do": "take"}, follow=True))
    assert "Some rows have a mistake" in refused
    assert "Being taken over" in read(
        client.post(page(run), {"do": "take", "leave_out": "on"}, follow=True)
    )
    with django_capture_on_commit_callbacks(execute=True):
        run_imports(now=timezone.now())
    text = read(client.get(page(run)))
    assert "2 are new." in text
    assert "ana@a.example" not in text
    assert community.memberships.filter(basis="import").count() == 2
    assert "List taken over" in read(client.get(f"{LIST}{run.pk}/history/"))


def test_get_changes_nothing(sign_in, run, priya):
    sign_in(priya).get(page(run), {"do": "take", "leave_out": "on"})

    run.refresh_from_db()
    assert run.state == "ready"


def test_cancel(sign_in, run, priya):
    text = read(sign_in(priya).post(page(run), {"do": "cancel"}, follow=True))

    assert "Nothing was taken over" in text
    assert "ana@a.example" not in text
    late = read(sign_in(priya).post(page(run), {"do": "take", "leave_out": "on"}, follow=True))
    assert "Somebody was faster" in late
    assert not Membership.objects.filter(basis="import").exists()


def test_bad_file_gets_its_sentence_beside_the_field(sign_in, community, priya):
    client = sign_in(priya)
    for name, content, words in (
        ("a.xlsx", b"<html>", "inside it is something else"),
        ("a.csv", b"", "This file is empty"),
        ("a.csv", b"a,b\n1,2\n", "we miss: Name"),
    ):
        data = {"community": community.pk, "kind": "people"}
        text = read(client.post(f"{LIST}add/", data | {"file": SimpleUploadedFile(name, content)}))
        assert words in text
    assert "This field is required" in read(client.post(f"{LIST}add/", data))


def test_community_of_others_cannot_be_chosen(sign_in, priya, other_community):
    make_staff(other_community, "coordinator")
    data = {"community": other_community.pk, "kind": "people"}
    client = sign_in(priya)

    read(client.post(f"{LIST}add/", data | {"file": file_of(PEOPLE + "A,a@a.example,\n")}))
    read(client.post(f"{LIST}export/", data | {"file_format": "csv"}))

    assert not ImportRun.objects.exists()
    assert not AuditEvent.objects.filter(action="list_exported").exists()


def test_second_list_is_told_of_the_first(sign_in, run, community, priya):
    file = file_of(PEOPLE + "Ana,ana@a.example,\n")
    data = {"community": community.pk, "kind": "people", "file": file}

    text = read(sign_in(priya).post(f"{LIST}add/", data))

    assert "Another list waits for somebody to look at it: “list.csv”" in text


def test_stopped_work_says_so_and_the_next_list_goes_on(sign_in, run, community, priya):
    long_ago = timezone.now() - timedelta(minutes=5)
    ImportRun.objects.filter(pk=run.pk).update(state="looking", started_at=long_ago)
    client = sign_in(priya)

    text = read(client.get(page(run)))

    assert "The work stopped on the way. Nothing was taken over: start again." in text
    run.refresh_from_db()
    assert run.state == "looking"
    file = file_of(PEOPLE + "Ana,ana@a.example,\n")
    client.post(f"{LIST}add/", {"community": community.pk, "kind": "people", "file": file})
    run.refresh_from_db()
    assert run.state == "refused"
    assert ImportRun.objects.filter(state="waiting").count() == 1


def test_doubles_are_asked_about(sign_in, community, priya, dani):
    house = make_organization("Moss Stair House", city="Nelson")
    make_member(community, "Somebody", organization=house)
    found = start_import(
        community=community, kind="organizations", by=priya, now=timezone.now(),
        file=file_of("Name\nMoss Stairs House\n"),
    )  # fmt: skip
    run_imports(now=timezone.now())
    client = sign_in(priya)

    text = read(client.get(page(found)))
    assert "Perhaps twice: 1" in text
    assert "<bdi>Moss Stair House, Nelson</bdi>" in text

    client.post(page(found), {"do": "take", "same-2": "new"})
    run_imports(now=timezone.now())
    assert Organization.objects.filter(name="Moss Stairs House").exists()


@pytest.mark.parametrize(
    ("file_format", "kind"), [("csv", "text/csv"), ("xlsx", "application/vnd")]
)
def test_export_is_a_file_and_leaves_a_line(sign_in, community, priya, dani, file_format, kind):
    data = {"community": community.pk, "kind": "people", "file_format": file_format}

    response = sign_in(priya).post(f"{LIST}export/", data)

    assert response["Content-Type"].startswith(kind)
    assert re.search(rf'attachment; filename="every-door-people-[\d-]+\.{file_format}"',
                     response["Content-Disposition"])  # fmt: skip
    assert "no-store" in response["Cache-Control"]
    event = AuditEvent.objects.get(action="list_exported")
    assert (event.new, event.actor, event.scope) == ("1", priya, community.public_id)


def test_headings_follow_the_reader(sign_in, community, priya, dani):
    User.objects.filter(pk=priya.pk).update(language="fr")
    data = {"community": community.pk, "kind": "people", "file_format": "csv"}

    response = sign_in(priya).post(f"{LIST}export/", data, headers={"accept-language": "fr"})

    again = start_import(
        community=community, kind="people", by=priya, now=timezone.now(),
        file=SimpleUploadedFile("a.csv", response.content),
    )  # fmt: skip
    run_imports(now=timezone.now())
    again.refresh_from_db()
    assert again.report["counts"]["unchanged"] == 1, again.report


@pytest.mark.parametrize("rows", [1, 30])
def test_page_of_a_list_asks_the_same_questions(
    sign_in, community, priya, rows, django_assert_max_num_queries
):
    text = PEOPLE + "".join(f"P{n},p{n}@a.example,\n" for n in range(rows))
    found = start_import(
        community=community, kind="people", file=file_of(text), by=priya, now=timezone.now()
    )
    run_imports(now=timezone.now())
    client = sign_in(priya)
    with django_assert_max_num_queries(24):
        client.get(page(found))

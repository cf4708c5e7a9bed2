"""“This helped”, “I used this” and the lines of those who used it (L8)."""

import threading

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from library.access import may_keep_library
from library.actions import using
from library.models import Resource, ResourceUse, ResourceVersion
from members.models import Affiliation
from tests.conftest import CAST
from tests.core.uploads import PDF
from tests.factories import NOW, make_meeting, make_member, make_organization, make_staff
from tests.library.factories import make_resource


@pytest.fixture
def resource(community) -> Resource:
    return make_resource(community)


def counts(resource: Resource) -> tuple[int, int]:
    row = Resource.objects.get(pk=resource.pk)
    return row.helped_count, row.used_count


def say(client, resource: Resource, what: str, **data):
    return client.post(f"{resource.get_absolute_url()}{what}/", data)


def test_each_person_counts_once(community, resource, dani, ally):
    for person in (dani, ally, dani):
        using.say_helped(resource=resource, by=person, now=NOW)
        using.say_used(resource=resource, by=person, now=NOW)

    assert counts(resource) == (2, 2)
    using.take_back(resource=resource, by=dani, kind="helped")
    using.take_back(resource=resource, by=dani, kind="helped")
    assert counts(resource) == (1, 2)


@pytest.mark.parametrize("who", [one for one in CAST if one not in {"dani", "ally", "priya"}])
def test_only_those_inside_say_it(request, resource, who):
    with pytest.raises(ActionError):
        using.say_helped(resource=resource, by=request.getfixturevalue(who), now=NOW)
    assert counts(resource) == (0, 0)


@pytest.mark.parametrize("state", ["in_review", "withdrawn", "superseded", "archived"])
def test_only_of_what_is_in_the_library(community, dani, state):
    resource = make_resource(community, state=state)
    with pytest.raises(ActionError):
        using.say_used(resource=resource, by=dani, now=NOW)


def test_nobody_counts_for_their_own(community, dani, sign_in):
    resource = make_resource(community, submitted_by=dani)
    with pytest.raises(ActionError):
        using.say_helped(resource=resource, by=dani, now=NOW)

    page = sign_in(dani).get(resource.get_absolute_url()).content.decode()
    assert "This helped" not in page


def test_of_members_only_an_ally_says_nothing(community, ally):
    resource = make_resource(community, visibility="members")
    with pytest.raises(ActionError):
        using.say_helped(resource=resource, by=ally, now=NOW)


def test_the_day_is_the_one_of_the_community(resource, dani):
    late = NOW.replace(hour=3)
    using.say_helped(resource=resource, by=dani, now=late)
    assert ResourceUse.objects.get().said_on.day == NOW.day - 1


def _together(work, people) -> None:
    barrier = threading.Barrier(len(people))

    def one(person) -> None:
        try:
            barrier.wait(10)
            work(person)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_counts_hold_when_all_press_at_once(community):
    resource = make_resource(community)
    people = [make_member(community) for _one in range(6)]

    # Each presses twice: a double tap.
    _together(lambda person: using.say_helped(resource=resource, by=person, now=NOW), people * 2)
    assert counts(resource) == (6, 0)

    def on_and_off(person) -> None:
        using.take_back(resource=resource, by=person, kind="helped")
        using.say_used(resource=resource, by=person, now=NOW)

    _together(on_and_off, people)
    assert counts(resource) == (0, 6)


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_counts_go_wrong(community, monkeypatch):
    """The protection matters: without the lock some count what others have not yet written."""
    resource = make_resource(community)
    people = [make_member(community) for _one in range(6)]
    wait = threading.Barrier(len(people))
    count = using._count

    def all_together(one: Resource) -> None:
        wait.wait(10)
        count(one)

    def careless(one: Resource) -> Resource:
        return Resource.objects.select_related("community").get(pk=one.pk)

    monkeypatch.setattr(using, "_locked", careless)
    monkeypatch.setattr(using, "_count", all_together)
    _together(lambda person: using.say_helped(resource=resource, by=person, now=NOW), people)

    assert ResourceUse.objects.count() == 6
    assert counts(resource)[0] < 6


def test_a_use_and_then_its_line(sign_in, resource, dani, ally):
    client = sign_in(dani)
    answer = say(client, resource, "used")
    assert answer.url.endswith("#your-story")
    page = client.get(resource.get_absolute_url()).content.decode()
    assert "What did you change for your house?" in page

    say(client, resource, "used", story="  We print it\r\non yellow paper. ")
    assert ResourceUse.objects.get().story == "We print it on yellow paper."
    assert counts(resource) == (0, 1)
    assert (
        "We print it on yellow paper." in client.get(resource.get_absolute_url()).content.decode()
    )

    other = sign_in(ally).get(resource.get_absolute_url()).content.decode()
    assert "What others changed" in other
    assert "We print it on yellow paper." in other
    assert dani.display_name not in other


def test_a_line_is_changed_and_removed_by_its_writer(sign_in, resource, dani):
    client = sign_in(dani)
    say(client, resource, "used", story="One")
    say(client, resource, "used", story="Two")
    assert ResourceUse.objects.get().story == "Two"
    # The button alone, pressed again on an old page, leaves the line.
    say(client, resource, "used")
    assert ResourceUse.objects.get().story == "Two"
    say(client, resource, "used", story="Two", remove="1")
    assert ResourceUse.objects.get().story == ""
    say(client, resource, "used", undo="1")
    assert counts(resource) == (0, 0)


def test_a_line_that_is_too_long_is_refused(sign_in, resource, dani):
    client = sign_in(dani)
    say(client, resource, "used", story="x" * 281)
    assert not ResourceUse.objects.exists()
    assert "280" in client.get(resource.get_absolute_url()).content.decode()
    with pytest.raises(ActionError):
        using.say_used(resource=resource, by=dani, now=NOW, story="x" * 281)


@pytest.mark.parametrize("who", CAST)
def test_lines_stay_inside(request, sign_in, community, resource, who):
    using.say_used(resource=resource, by=make_member(community), now=NOW, story="Yellow paper")
    page = sign_in(request.getfixturevalue(who)).get(resource.get_absolute_url())

    inside = {"dani", "ally", "priya"}
    assert ("Yellow paper" in page.content.decode()) == (who in inside)
    assert "1 person used it" in page.content.decode()


def test_the_librarian_hides_a_line(sign_in, resource, dani, ally, priya):
    using.say_used(resource=resource, by=dani, now=NOW, story="Ask Maria <b>at no. 7</b>")
    use = ResourceUse.objects.get()
    path = f"{resource.get_absolute_url()}stories/{use.pk}/hide/"
    assert sign_in(ally).post(path).status_code == 403

    client = sign_in(priya)
    assert client.post(path).status_code == 302
    assert client.post(path).status_code == 302
    assert "Maria" not in sign_in(ally).get(resource.get_absolute_url()).content.decode()
    assert "Maria &lt;b&gt;" in client.get(resource.get_absolute_url()).content.decode()
    own = sign_in(dani).get(resource.get_absolute_url()).content.decode()
    assert "Maria" in own
    assert "hidden it from others" in own
    assert counts(resource) == (0, 1)
    # A change does not show it again; the librarian does.
    using.say_used(resource=resource, by=dani, now=NOW, story="Ask at number 7")
    assert ResourceUse.objects.get().is_hidden
    client.post(path, {"undo": "1"})
    assert not ResourceUse.objects.get().is_hidden
    words = list(
        AuditEvent.objects.filter(action__contains="story").values_list("action", flat=True)
    )
    assert sorted(words) == ["library.story_hidden", "library.story_shown"]


def test_a_line_of_another_resource_is_not_found(sign_in, community, resource, dani, priya):
    using.say_used(resource=resource, by=dani, now=NOW, story="Yellow")
    other = make_resource(community)
    path = f"{other.get_absolute_url()}stories/{ResourceUse.objects.get().pk}/hide/"
    assert sign_in(priya).post(path).status_code == 404


@pytest.mark.parametrize("role", ["librarian", "coordinator", "editor", "evaluator"])
@pytest.mark.parametrize("is_walled", [False, True])
def test_who_keeps_the_library_is_known_from_the_community(
    rf, sign_in, community, resource, role, is_walled
):
    """The page reads the rule of may_keep_library out of what it knows already."""
    person = make_staff(community, role)
    if is_walled:
        fund = make_organization(is_regulator_or_funder=True)
        Affiliation.objects.create(person=person, organization=fund, state="active")
    page = sign_in(person).get(resource.get_absolute_url())
    expected = may_keep_library(type(person).objects.get(pk=person.pk), community)
    assert page.context["is_keeper"] == expected
    assert expected == (role in {"librarian", "coordinator"} and not is_walled)


def test_rows_say_how_many_it_helped(client, community, dani, resource):
    using.say_helped(resource=resource, by=dani, now=NOW)
    page = client.get(f"/{community.slug}/library/").content.decode()
    assert "Helped 1 person" in page


@pytest.mark.parametrize("what", ["helped", "used", "keep"])
def test_looking_changes_nothing(sign_in, resource, dani, what):
    assert sign_in(dani).get(f"{resource.get_absolute_url()}{what}/").status_code == 405
    assert not ResourceUse.objects.exists()


@pytest.mark.parametrize("who", ["visitor", "dani", "priya"])
def test_page_query_count_is_small_and_constant(request, sign_in, community, who):
    resource = make_resource(community, topics=["nights"], body="Words", url="")
    client = sign_in(request.getfixturevalue(who))
    found = []
    for number in range(2):
        for _one in range(1 + number * 20):
            using.say_used(resource=resource, by=make_member(community), now=NOW, story="Yellow")
            make_resource(community, topics=["nights"])
        client.get(resource.get_absolute_url())
        with CaptureQueriesContext(connection) as queries:
            assert client.get(resource.get_absolute_url()).status_code == 200
        found.append([query["sql"][:110] for query in queries])

    assert len(found[0]) == len(found[1])
    # One is kept free, for its earlier versions.
    assert len(found[0]) <= (8 if who == "visitor" else 12), "\n".join(found[1])


@pytest.mark.parametrize(("who", "most"), [("visitor", 9), ("dani", 13), ("priya", 13)])
def test_page_with_everything_stays_small(request, sign_in, community, who, most):
    meeting = make_meeting(community, audience="public")
    resource = make_resource(
        community, topics=["nights"], version=2, meeting=meeting, file=ContentFile(PDF, name="key"),
        file_name="a.pdf", file_type="pdf", file_size=len(PDF), file_text="Words",
        text_state="read", preview_pages=5,
    )  # fmt: skip
    ResourceVersion.objects.create(
        resource=resource, number=1, title="Old", change_note="New", replaced_at=NOW, body="Old"
    )
    client = sign_in(request.getfixturevalue(who))
    client.get(resource.get_absolute_url())
    with CaptureQueriesContext(connection) as queries:
        assert "earlier version" in client.get(resource.get_absolute_url()).content.decode()
    assert len(queries) <= most, "\n".join(query["sql"][:110] for query in queries)

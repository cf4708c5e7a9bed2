from datetime import timedelta

import pytest
from django.utils import timezone

from members.models import Community
from tests.conftest import CAST
from tests.factories import make_meeting, make_member
from tests.newsletter.makers import make_issue, make_item, make_resource

pytestmark = pytest.mark.django_db
LIST = "/every-door/newsletter/"
LONG = "Ɂeḵw̱i7tel, pawâtamihk et les équipes de nuit: a subject as long as they come in life"


def sent(community, number=4, **fields):
    start = timezone.now().date() - timedelta(days=400 - number)
    values = {
        "number": number,
        "state": "sent",
        "period_from": start,
        "subject": f"Issue no {number}",
    }
    return make_issue(community, **(values | fields))


@pytest.mark.parametrize("who", CAST)
def test_issue_list_is_open_to_all(request, sign_in, community, who):
    sent(community)

    page = sign_in(request.getfixturevalue(who)).get(LIST)

    assert page.status_code == 200
    assert b"Issue no 4" in page.content


@pytest.mark.parametrize("count", [1, 3])
def test_issue_list_query_count_is_constant(
    sign_in, community, dani, count, django_assert_num_queries
):
    for number in range(count):
        sent(community, number)
    client = sign_in(dani)

    with django_assert_num_queries(6):
        page = client.get(LIST)

    assert page.content.count(b'class="row-link"') == count


def test_issue_list_shows_only_what_has_left(client, community):
    sent(community, 1, subject="Gone out", state="closed")
    sent(community, 2, subject="Leaving", state="sending", sent_at=timezone.now())
    future = timezone.now() + timedelta(minutes=4)
    sent(community, 3, subject="Still to be undone", state="sending", sent_at=future)
    for number, state in enumerate(("collecting", "draft", "test_sent", "approved", "held"), 4):
        make_issue(
            community,
            number=number,
            state=state,
            subject=f"Not yet {state}",
            period_from=timezone.now().date() + timedelta(days=number),
        )

    page = client.get(LIST).content.decode()

    assert "Gone out" in page
    assert "Leaving" in page
    assert "Still to be undone" not in page
    assert "Not yet" not in page


def test_issue_list_empty_and_for_whom(client, sign_in, community, dani):
    page = client.get(LIST).content.decode()
    assert "No issue yet" in page
    assert "Every 2 months" in page
    assert "/me/mail/" not in page

    assert "/me/mail/" in sign_in(dani).get(LIST).content.decode()


@pytest.mark.parametrize(("status", "leads"), [("open", 1), ("paused", 0)])
def test_issue_list_leads_to_the_form_below_on_a_phone(client, community, status, leads):
    sent(community)
    Community.objects.filter(pk=community.pk).update(status=status)

    page = client.get(LIST).content.decode()

    assert page.count('href="#by-mail"') == leads
    assert page.count('id="by-mail"') == 1


def test_issue_list_goes_on_with_more(client, community):
    for number in range(1, 24):
        sent(community, number)

    first = client.get(LIST).content.decode()
    second = client.get(f"{LIST}?before=4").content.decode()

    assert "?before=4" in first
    assert "Issue no 23" in first
    assert "Issue no 3<" not in first
    assert "Issue no 3<" in second
    assert client.get(f"{LIST}?before=nonsense").status_code == 200


def test_issue_list_of_an_archived_community_is_gone(client, community):
    type(community).objects.update(status="archived")

    assert client.get(LIST).status_code == 404


@pytest.fixture
def issue(community):
    issue = sent(community, subject=LONG, intro="Hello **all**")
    make_item(issue, "Open to all", text="Public words")
    make_item(issue, "For us and allies", text="Allies read this", edition="members_and_allies")
    make_item(issue, "For members", text="Members read this", edition="members")
    return issue


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("visitor", 1),
        ("newcomer", 1),
        ("dani", 3),
        ("ally", 2),
        ("funder", 1),
        ("lapsed", 1),
        ("stranger", 1),
        ("priya", 3),
        ("outsider", 1),
        ("admin", 1),
    ],
)
def test_issue_detail_shows_each_what_they_may_see(request, sign_in, issue, who, sees):
    page = sign_in(request.getfixturevalue(who)).get(issue.get_absolute_url())

    body = page.content.decode()
    words = ("Public words", "Allies read this", "Members read this")
    assert page.status_code == 200
    assert [word in body for word in words] == [n < sees for n in range(3)]
    titles = ("Open to all", "For us and allies", "For members")
    assert [title in body for title in titles] == [n < sees for n in range(3)]
    assert LONG in body
    assert ("edition for everybody" in body) == (sees == 1)


@pytest.mark.parametrize("state", ["collecting", "draft", "test_sent", "approved", "held"])
def test_issue_detail_is_404_before_it_has_left(sign_in, community, priya, state):
    issue = make_issue(community, state=state)

    assert sign_in(priya).get(issue.get_absolute_url()).status_code == 404


def test_issue_detail_of_another_community_or_number_is_404(client, issue, other_community):
    assert client.get(f"/social-rd/newsletter/{issue.number}/").status_code == 404
    assert client.get(f"{LIST}99/").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_issue_detail_query_count_is_constant(
    sign_in, community, dani, count, django_assert_num_queries
):
    issue = sent(community)
    for _ in range(count):
        resource, meeting = make_resource(community), make_meeting(community)
        make_item(issue, source=f"resource:{resource.public_id}")
        make_item(issue, source=f"meeting:{meeting.public_id}", kind="meeting_next")
    client = sign_in(dani)

    with django_assert_num_queries(13):
        client.get(issue.get_absolute_url())


def test_issue_detail_tells_times_in_both_zones_and_no_join_link(sign_in, community):
    person = make_member(community, timezone="America/Toronto")
    meeting = make_meeting(community)
    issue = sent(community)
    make_item(
        issue,
        "Peer input",
        source=f"meeting:{meeting.public_id}",
        kind="meeting_next",
        path=meeting.get_absolute_url(),
    )

    body = sign_in(person).get(issue.get_absolute_url()).content.decode()

    assert "10:00 to 11:30 a.m. Pacific time" in body
    assert "12:00 to 1:30 p.m. Eastern time" in body
    assert "secret-room" not in body
    assert "style=" not in body

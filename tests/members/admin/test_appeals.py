"""Appeals at the desk: the panel put together, the decision written, the numbers read."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cop.core.models import AuditEvent
from cop.desk import waiting_for
from members.actions.appeals import open_appeal
from members.actions.panels import cast_vote, seat_person
from members.models import Affiliation, Appeal, RoleGrant
from tests.conftest import CAST
from tests.factories import make_organization, make_person
from tests.members.appeals import core, decline, make_appeal
from tests.members.conftest import apply

LIST = "/desk/members/appeal/"


@pytest.fixture
def appeal(application, reviewer, checked_photo):
    declined = decline(application, reviewer, now=timezone.now())
    return open_appeal(
        application=declined, person=declined.person, ground="process", now=timezone.now(),
        text="Please look again.", documents=[checked_photo],
    )  # fmt: skip


@pytest.fixture
def rosa(community):
    return core(community, "Rosa Tait")


@pytest.fixture
def tom(community):
    return core(community, "Tom Tait")


@pytest.fixture
def url(appeal):
    return f"{LIST}{appeal.pk}/change/"


def vote_all(appeal, by, word, *people):
    for person in people:
        seat_person(appeal=appeal, person=person, by=by, now=timezone.now())
    for person in people:
        cast_vote(appeal=appeal, person=person, vote=word, now=timezone.now())


@pytest.mark.parametrize("who", [*CAST, "reviewer"])
@pytest.mark.parametrize("what", ["page", "list", "file", "numbers", "mine"])
def test_the_desk_of_appeals_is_for_coordinators(request, sign_in, appeal, url, who, what):
    paths = {
        "page": url, "list": LIST, "numbers": f"{LIST}numbers/", "mine": f"{LIST}mine/",
        "file": f"{LIST}{appeal.pk}/files/{appeal.files.get().public_id}/",
    }  # fmt: skip
    client = sign_in(request.getfixturevalue(who))
    response = client.get(paths[what], follow=what == "file" and who in {"priya", "admin"})

    if who in {"priya", "admin"} or (who == "reviewer" and what in {"numbers", "mine"}):
        assert response.status_code == 200
        if what in {"page", "list"}:
            assert "Newcomer Nia" in response.content.decode()
    elif who == "outsider":
        assert response.status_code == (200 if what in {"list", "numbers", "mine"} else 404)
        assert "Newcomer Nia" not in response.content.decode()
    else:
        assert response.status_code in {302, 403, 404}


def test_the_page_proposes_whom_the_rules_allow(
    sign_in, community, appeal, url, priya, rosa, reviewer, house
):
    Affiliation.objects.create(person=core(community, "Close Clara"), organization=house)

    text = sign_in(priya).get(url).content.decode()

    panel = text.partition('class="review-side"')[2]
    assert "Rosa Tait" in panel
    for left_out in ("Close Clara", "Anneke Sorrell", "Newcomer Nia"):
        assert left_out not in panel
    assert "style=" not in text.partition('<div class="review">')[2]


def test_seats_are_given_and_taken_by_a_button(sign_in, appeal, url, priya, rosa):
    client = sign_in(priya)
    client.post(url, {"do": "seat", "person": rosa.public_id})
    assert appeal.seats.get().person == rosa
    client.post(url, {"do": "unseat", "person": rosa.public_id})
    assert not appeal.seats.exists()


@pytest.mark.parametrize("person", ["", "forged", "stranger", "reviewer"])
def test_forged_people_get_no_seat(request, sign_in, appeal, url, priya, person):
    found = request.getfixturevalue(person) if person in {"stranger", "reviewer"} else None
    key = found.public_id if found else person
    assert sign_in(priya).post(url, {"do": "seat", "person": key}).status_code == 302
    assert not appeal.seats.exists()


def test_the_desk_reads_who_voted_but_not_how(sign_in, appeal, url, priya, rosa, tom):
    for person in (rosa, tom):
        seat_person(appeal=appeal, person=person, by=priya, now=timezone.now())
    now = timezone.now()
    cast_vote(appeal=appeal, person=rosa, vote="dismiss", note="I doubt it.", now=now)
    text = sign_in(priya).get(url).content.decode()
    assert "has voted" in text
    assert "I doubt it." not in text
    assert "the decline stands" not in text


def test_the_coordinator_writes_what_the_panel_voted(sign_in, appeal, url, priya, rosa, tom):
    vote_all(appeal, priya, "dismiss", rosa, tom)
    client = sign_in(priya)
    assert "effective_on" not in client.get(url).content.decode()
    assert client.post(url, {"do": "decide", "reasons": ""}).status_code == 200
    client.post(url, {"do": "decide", "reasons": "It is no licence."})
    appeal.refresh_from_db()
    assert (appeal.state, appeal.reasons) == ("dismissed", "It is no licence.")


def test_a_coordinator_who_declined_it_does_not_write_it(
    sign_in, community, appeal, url, priya, rosa, tom, reviewer
):
    vote_all(appeal, priya, "dismiss", rosa, tom)
    RoleGrant.objects.create(
        community=community, person=reviewer, role="coordinator", starts_on="2026-04-01"
    )
    client = sign_in(reviewer)
    assert "one of the panel writes the decision" in client.get(url).content.decode()
    client.post(url, {"do": "decide", "reasons": "It is no licence."})
    appeal.refresh_from_db()
    assert appeal.state == "open"


def test_a_coordinator_whom_it_concerns_only_looks_on(sign_in, appeal, url, priya, rosa, house):
    Affiliation.objects.create(person=priya, organization=house)
    client = sign_in(priya)
    assert "This concerns you yourself" in client.get(url).content.decode()
    client.post(url, {"do": "seat", "person": rosa.public_id})
    assert not appeal.seats.exists()
    file = f"{LIST}{appeal.pk}/files/{appeal.files.get().public_id}/"
    assert client.get(file).status_code == 404


def test_a_returned_one_opens_its_papers_to_the_reviewers(
    sign_in, appeal, priya, rosa, tom, reviewer
):
    file = f"{LIST}{appeal.pk}/files/{appeal.files.get().public_id}/"
    assert sign_in(reviewer).get(file).status_code == 404
    Appeal.objects.update(state="returned")
    assert sign_in(reviewer).get(file, follow=True).status_code == 200
    assert AuditEvent.objects.filter(action="appeal_file_viewed", actor=reviewer).exists()


def test_overdue_is_red_in_the_list_and_waits_on_the_first_page(sign_in, appeal, priya, reviewer):
    Appeal.objects.update(due_on=timezone.now().date() - timedelta(days=4))
    text = sign_in(priya).get(LIST).content.decode()
    assert "overdue" in text
    now = timezone.now()
    assert next(one for one in waiting_for(priya, now=now) if "appeal" in one.label).is_late
    assert not [one for one in waiting_for(reviewer, now=now) if "appeal" in one.label]


@pytest.mark.parametrize("count", [1, 20])
def test_queries_of_the_list_do_not_grow(
    sign_in, community, reviewer, priya, count, django_assert_max_num_queries
):
    for number in range(count):
        person = make_person(f"Person {number}")
        row = apply(community, person, organization=make_organization(), now=timezone.now())
        make_appeal(decline(row, reviewer, now=timezone.now()), now=timezone.now())
    client = sign_in(priya)
    with django_assert_max_num_queries(26):
        client.get(LIST)


def test_ones_own_history_is_to_learn_from(sign_in, appeal, priya, rosa, tom, reviewer):
    vote_all(appeal, priya, "dismiss", rosa, tom)
    sign_in(priya).post(
        f"{LIST}{appeal.pk}/change/", {"do": "decide", "reasons": "We read it otherwise."}
    )
    mine = sign_in(reviewer).get(f"{LIST}mine/").content.decode()
    assert "We read it otherwise." in mine
    assert "Rosa" not in mine
    assert "We read it otherwise." not in sign_in(priya).get(f"{LIST}mine/").content.decode()


def test_numbers_of_another_community_are_refused(sign_in, community, outsider, appeal):
    period = {"community": community.slug, "start": "2026-01-01", "end": "2027-12-31"}
    text = sign_in(outsider).get(f"{LIST}numbers/", period).content.decode()
    assert "For funders" not in text


def test_numbers_page_shows_both_readings(sign_in, priya, appeal):
    today = timezone.now().date()
    period = {"community": "every-door", "start": "2026-01-01", "end": today + timedelta(days=1)}
    text = sign_in(priya).get(f"{LIST}numbers/", period).content.decode()
    assert "No criterion met" in text
    assert "&lt;5" in text
    wrong = period | {"start": "2027-12-01"}
    assert "lies before the first" in sign_in(priya).get(f"{LIST}numbers/", wrong).content.decode()

"""What reviewers must look at: who sees it, where it leads, and closing it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cop.core.errors import ActionError
from cop.desk import waiting_for
from members.actions import approve_application, decline_application
from members.actions.tasks import close_review_task, open_review_task
from members.models import Affiliation, Evidence, Membership, ReviewTask
from tests.conftest import CAST
from tests.factories import NOW, make_member, make_organization, make_person
from tests.members.conftest import apply

LIST = "/desk/members/reviewtask/"
Kind = ReviewTask.Kind


def open_task(community, kind=Kind.POSSIBLE_DUPLICATE, **about):
    values = {"now": NOW, "due_on": NOW.date() + timedelta(days=5)} | about
    return open_review_task(community=community, kind=kind, **values)


@pytest.fixture
def task(community, application):
    return open_task(community, organization=application.organization, note="Looks the same")


def page_of(task):
    return f"{LIST}{task.pk}/change/"


@pytest.mark.parametrize("who", [*CAST, "reviewer"])
def test_tasks_are_for_reviewers_of_their_community(request, sign_in, task, who):
    client = sign_in(request.getfixturevalue(who))

    lists, page = client.get(LIST), client.get(page_of(task))
    step = client.post(f"{LIST}{task.pk}/step/close/", {"note": ""})

    if who in {"priya", "reviewer", "admin"}:
        assert (lists.status_code, page.status_code, step.status_code) == (200, 200, 302)
        assert "Moss Stair" in lists.content.decode()
        return
    assert "Moss Stair" not in lists.content.decode()
    assert page.status_code in {302, 404}
    assert step.status_code in {302, 404}
    task.refresh_from_db()
    assert task.done_at is None


def test_each_kind_leads_to_where_it_is_decided(sign_in, community, application, reviewer):
    house, client = application.organization, sign_in(reviewer)
    evidence = application.evidence.get()
    tie = Affiliation.objects.get(person=application.person)
    review = f"/desk/members/membershipapplication/{application.pk}/change/"
    cases = [
        (Kind.POSSIBLE_DUPLICATE, {"organization": house}, f"/organization/{house.pk}/merge/"),
        (Kind.EVIDENCE_REPORT, {"evidence": evidence}, f"/evidence/{evidence.pk}/change/"),
        (Kind.EVIDENCE_SENT, {"evidence": evidence}, f"/evidence/{evidence.pk}/change/"),
        (Kind.ADDRESS_CHANGED, {"evidence": evidence}, f"/evidence/{evidence.pk}/change/"),
        (Kind.SAMPLE, {"application": application}, review),
        (Kind.AFFILIATION_SILENT, {"affiliation": tie, "organization": house}, review),
        (Kind.AFFILIATION_DISPUTED, {"affiliation": tie}, review),
        (Kind.NAME_TAKEN_BACK, {}, f"/{community.slug}/newsletter/"),
    ]
    assert {kind for kind, _about, _url in cases} == set(Kind)
    for kind, about, url in cases:
        task = open_task(community, kind, **about)
        assert url in client.get(page_of(task)).content.decode(), kind
        is_whole = url.startswith(("/desk", f"/{community.slug}/"))
        assert client.get(url if is_whole else f"/desk/members{url}").status_code == 200
    text = client.get(LIST).content.decode()
    for _kind, _about, url in cases:
        assert url in text


def test_overdue_is_said_in_words_and_the_done_are_a_tap_away(sign_in, task, reviewer):
    client = sign_in(reviewer)
    ReviewTask.objects.update(due_on=timezone.now().date() - timedelta(days=9))
    text = client.get(LIST).content.decode()
    assert "days overdue" in text
    assert "badge-bad" in text

    client.post(f"{LIST}{task.pk}/step/close/", {"note": "They are <two>."})

    assert "Moss Stair" not in client.get(LIST).content.decode()
    done = client.get(f"{LIST}?state=done").content.decode()
    assert "Moss Stair" in done
    assert "overdue" not in done
    page = client.get(page_of(task)).content.decode()
    assert "They are &lt;two&gt;." in page
    assert "Looks the same" in page
    assert "Anneke Sorrell" in page
    again = client.post(f"{LIST}{task.pk}/step/close/", {"note": "x"}, follow=True)
    assert "not possible now" in again.content.decode()


def test_people_of_the_house_close_nothing_about_it(task, reviewer, community, application):
    Affiliation.objects.create(person=reviewer, organization=application.organization)
    about_paper = open_task(community, Kind.EVIDENCE_REPORT, evidence=application.evidence.get())
    for row in (task, about_paper):
        with pytest.raises(ActionError, match="You belong to"):
            close_review_task(task=row, by=reviewer, now=NOW)


def test_one_without_an_organization_breaks_nothing(sign_in, community, application, reviewer):
    type(application).objects.update(organization=None, applying_as="individual")
    application.refresh_from_db()
    task = open_task(community, Kind.SAMPLE, application=application)
    client = sign_in(reviewer)

    assert "Newcomer Nia" in client.get(LIST).content.decode()
    assert client.get(page_of(task)).status_code == 200
    client.post(f"{LIST}{task.pk}/step/close/", {"note": ""})
    task.refresh_from_db()
    assert task.done_by == reviewer


def test_lists_of_other_waiting_things_are_linked(sign_in, community, priya, reviewer):
    person = make_member(community, "Silent Sue")
    Membership.objects.filter(person=person).update(is_unconfirmed=True)

    text = sign_in(reviewer).get(LIST).content.decode()

    assert "1 not confirmed this year" in text
    url = "/desk/members/membership/?is_unconfirmed__exact=1"
    assert "Silent Sue" in sign_in(reviewer).get(url).content.decode()


def test_list_reads_the_same_for_few_and_many(
    sign_in, community, application, reviewer, django_assert_max_num_queries
):
    open_task(community, Kind.SAMPLE, application=application)
    client = sign_in(reviewer)
    client.get(LIST)
    with django_assert_max_num_queries(30) as before:
        client.get(LIST)
    for number in range(21):
        house = make_organization(f"House Ł{number}")
        row = apply(community, make_person(f"ʔa {number}"), organization=house)
        tie = Affiliation.objects.get(person=row.person)
        paper = Evidence.objects.filter(application=row).first()
        open_task(community, Kind.AFFILIATION_SILENT, affiliation=tie)
        open_task(community, Kind.EVIDENCE_REPORT, evidence=paper)
        open_task(community, Kind.SAMPLE, application=row)
    with django_assert_max_num_queries(len(before)):
        client.get(LIST)


def test_the_start_page_of_the_desk_counts_them(task, reviewer, outsider, dani):
    late = timezone.now() + timedelta(days=60)

    def lines(person):
        return [one for one in waiting_for(person, now=late) if "reviewtask" in one.url]

    assert [one.is_late for one in lines(reviewer)] == [True]
    assert not lines(outsider)
    assert not lines(dani)


@pytest.mark.parametrize("decision", ["approve", "decline"])
def test_a_decision_closes_what_was_open_about_the_link(
    community, other_community, application, reviewer, decision
):
    tie = Affiliation.objects.get(person=application.person)
    about_tie = open_task(community, Kind.AFFILIATION_SILENT, affiliation=tie)
    elsewhere = open_task(other_community, Kind.AFFILIATION_SILENT, affiliation=tie)
    about_house = open_task(community, organization=application.organization)
    who = {"application": application, "by": reviewer, "seen_version": 1, "now": NOW}

    if decision == "approve":
        approve_application(**who)
    else:
        decline_application(**who, message="No", reason_codes=["NO_AFFILIATION"])

    still_open = ReviewTask.objects.filter(done_at=None)
    assert {row.pk for row in still_open} == {elsewhere.pk, about_house.pk}
    about_tie.refresh_from_db()
    assert about_tie.done_by == reviewer

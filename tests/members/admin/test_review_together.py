import pytest

from members.models import Affiliation, Evidence, Membership
from outbox.models import Delivery
from tests.conftest import CAST
from tests.factories import NOW, make_person
from tests.members.conftest import apply


@pytest.fixture
def url(application):
    return f"/desk/members/membershipapplication/{application.pk}/together/"


@pytest.fixture
def shown(application, reviewer):
    return Evidence.objects.create(
        organization=application.organization, criterion=application.community.criteria.get(),
        state="verified", submitted_at=NOW, checked_at=NOW, checked_by=reviewer,
        reference="MOSS-1",
    )  # fmt: skip


@pytest.fixture
def second(community, house):
    person = make_person("Séverine O'Brien-ʔa", language="fr")
    return apply(community, person, organization=house)


@pytest.mark.parametrize("who", [*CAST, "reviewer"])
def test_together_is_for_reviewers_of_this_community(request, sign_in, url, who):
    response = sign_in(request.getfixturevalue(who)).get(url)

    expected = 404 if who == "outsider" else 200 if who in {"priya", "reviewer", "admin"} else 302
    assert response.status_code == expected


def test_the_review_page_leads_there_when_more_wait(sign_in, url, reviewer, application, second):
    page = f"/desk/members/membershipapplication/{application.pk}/change/"
    client = sign_in(reviewer)
    assert url in client.get(page).content.decode()
    second.delete()
    assert url not in client.get(page).content.decode()


def test_without_evidence_there_is_nothing_to_decide(sign_in, url, reviewer, second):
    text = sign_in(reviewer).get(url).content.decode()

    assert "Nothing shows yet" in text
    assert 'name="chosen"' not in text


def test_from_the_list_over_the_mails_to_what_came_of_it(
    sign_in, url, reviewer, application, second, shown
):
    client = sign_in(reviewer)
    text = client.get(url).content.decode()
    for words in ("Newcomer Nia", "Séverine", "MOSS-1", "becomes: Member"):
        assert words in text
    data = {
        "chosen": [application.pk, second.pk], "message": "Bonjour & hello",
        f"version-{application.pk}": 1, f"version-{second.pk}": 1,
    }  # fmt: skip

    mails = client.post(url, data).content.decode()
    assert "2 mails go out" in mails
    assert mails.count("Bonjour &amp; hello") == 3  # two mails, and the field that travels
    assert not Membership.objects.filter(person=second.person).exists()
    for _tap in range(2):
        done = client.post(url, data | {"confirmed": "1"}).content.decode()
        assert "2 approved" in done
        assert "Séverine" in done

    assert Delivery.objects.filter(kind="welcome").count() == 2


def test_changing_it_keeps_ticks_and_words(sign_in, url, reviewer, application, second, shown):
    data = {"chosen": [second.pk], "message": "Mine", "edit": "1"}
    text = sign_in(reviewer).post(url, data).content.decode()

    assert f'value="{second.pk}" checked' in text
    assert f'value="{application.pk}" checked' not in text
    assert "Mine</textarea>" in text


@pytest.mark.parametrize("data", [{}, {"chosen": "x"}, {"chosen": "99999999"}])
def test_nothing_chosen_is_said(sign_in, url, reviewer, shown, data):
    client = sign_in(reviewer)
    assert "Choose at least one" in client.post(url, data).content.decode()
    assert "Nothing was chosen" in client.post(url, data | {"confirmed": "1"}).content.decode()


def test_people_of_the_house_decide_nothing_here(sign_in, url, reviewer, application, shown):
    Affiliation.objects.create(person=reviewer, organization=application.organization)
    client = sign_in(reviewer)
    data = {"chosen": application.pk, f"version-{application.pk}": 1, "confirmed": "1"}

    assert 'name="chosen"' not in client.get(url).content.decode()
    assert "You belong to" in client.post(url, data).content.decode()
    application.refresh_from_db()
    assert application.state == "submitted"


def test_list_reads_the_same_for_few_and_many(
    sign_in, url, reviewer, community, house, shown, django_assert_max_num_queries
):
    client = sign_in(reviewer)
    client.get(url)
    with django_assert_max_num_queries(40) as before:
        client.get(url)
    for number in range(20):
        apply(community, make_person(f"Person {number}"), organization=house)
    with django_assert_max_num_queries(len(before)):
        client.get(url)


def test_after_one_is_approved_the_others_are_at_hand(sign_in, url, reviewer, application, second):
    page = f"/desk/members/membershipapplication/{application.pk}/change/"
    data = {
        "decision": "approve", "seen_version": 1, "verify_evidence": "on", "confirmed": "1",
        "check_method": "public_register", "valid_to": "2099-03-31",
    }  # fmt: skip

    text = sign_in(reviewer).post(page, data, follow=True).content.decode()

    assert "1 more application waits for Moss Stair" in text
    assert url in text


def test_someone_without_an_organization_is_decided_alone(sign_in, url, reviewer, application):
    type(application).objects.update(organization=None, applying_as="individual")

    assert sign_in(reviewer).get(url).status_code == 404

from datetime import timedelta

import pytest
from django.utils import timezone

from cop.core.models import AuditEvent
from members.actions import decline_application, request_information
from members.emails import preview_application_email
from members.models import Affiliation, Membership
from outbox.models import Delivery
from tests.conftest import CAST
from tests.factories import NOW, make_organization, make_person, make_staff
from tests.members.conftest import apply

ASK = {
    "decision": "ask", "seen_version": 1, "message": "Which house?", "info_reasons": ["UNREADABLE"],
}  # fmt: skip


@pytest.fixture
def url(application):
    return f"/desk/members/membershipapplication/{application.pk}/change/"


@pytest.mark.parametrize("who", [*CAST, "reviewer"])
def test_review_page_is_for_reviewers_of_this_community(request, sign_in, url, who):
    person = request.getfixturevalue(who)

    response = sign_in(person).get(url)

    allowed = {"priya", "reviewer", "admin"}
    if who == "outsider":
        assert response.status_code == 404
    else:
        assert response.status_code == (200 if who in allowed else 302)


@pytest.mark.parametrize("role", ["facilitator", "librarian", "editor"])
def test_review_page_is_closed_to_other_desk_roles(sign_in, community, url, role):
    response = sign_in(make_staff(community, role, "Other")).get(url)

    assert response.status_code in {403, 404}


def test_review_page_shows_claim_evidence_people_and_twins(
    sign_in, url, reviewer, application, house, dani
):
    Affiliation.objects.create(person=dani, organization=house, role_title="cook")
    make_organization("Moss Stairs Recovery House", city="Comox")

    text = sign_in(reviewer).get(url).content.decode()

    for words in ("Newcomer Nia", "Moss Stair", "licence.png", "Dani Achebe-Roy", "Comox"):
        assert words in text
    assert "Application sent" in text
    assert "style=" not in text.partition('<div class="review">')[2]


def test_review_first_shows_the_mail_and_sends_nothing(sign_in, url, reviewer, application):
    response = sign_in(reviewer).post(url, ASK)

    text = response.content.decode()
    assert "Which house?" in text
    assert "Ask and send the mail" in text
    assert "%%" not in text
    application.refresh_from_db()
    assert application.state == "submitted"
    assert Delivery.objects.count() == 1


def test_review_confirmed_asks_and_tells(sign_in, url, reviewer, application):
    response = sign_in(reviewer).post(url, ASK | {"confirmed": "1"})

    assert response.status_code == 302
    application.refresh_from_db()
    assert application.state == "info_requested"
    assert Delivery.objects.filter(kind="information_requested").count() == 1
    assert AuditEvent.objects.filter(actor=reviewer, reason="UNREADABLE").exists()


@pytest.mark.parametrize("kind", ["received", "welcome", "asked", "declined"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_mails_keep_names_whole_and_words_harmless(application, kind, language):
    application.person.language = language
    application.person.display_name = "Zoë O'Brien & Søn"
    application.organization.name = "Ts’kw’aylaxw <Lodge>"

    mail = preview_application_email(
        kind, application, message="Use <b>this</b> & that", category="member",
        reason_codes=["UNREADABLE"],
    )  # fmt: skip

    assert "\n" not in mail.subject
    assert "&amp;" not in mail.text
    assert "&#x27;" not in mail.text
    assert "<b>this</b>" not in mail.html
    assert "<Lodge>" not in mail.html
    if kind not in {"received"}:
        assert "Use <b>this</b> & that" in mail.text


def test_review_approves_with_evidence(sign_in, url, reviewer, application):
    data = {
        "decision": "approve", "seen_version": 1, "message": "", "verify_evidence": "on",
        "check_method": "public_register", "valid_to": "2099-03-31",
    }  # fmt: skip
    client = sign_in(reviewer)
    assert "you are a member of" in client.post(url, data).content.decode()

    client.post(url, data | {"confirmed": "1"})

    assert Membership.objects.get().category == "member"
    application.refresh_from_db()
    assert application.state == "approved"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"message": ""}, "Write a few words"),
        ({"decision": "decline"}, "Choose at least one reason"),
        ({"decision": "approve", "verify_evidence": "on"}, "Say how you checked"),
        ({"decision": "burn"}, "Select a valid choice"),
    ],
)
def test_review_says_what_is_missing(sign_in, url, reviewer, application, changes, words):
    response = sign_in(reviewer).post(url, ASK | changes | {"confirmed": "1"})

    assert words in response.content.decode()
    application.refresh_from_db()
    assert application.state == "submitted"


def test_review_second_reviewer_is_told_and_sends_nothing(
    sign_in, url, reviewer, priya, application
):
    decline_application(
        application=application, by=priya, seen_version=1, message="No",
        reason_codes=["NOT_IN_BC"], now=NOW,
    )  # fmt: skip

    response = sign_in(reviewer).post(url, ASK | {"confirmed": "1"}, follow=True)

    assert "Priya Lindqvist was faster" in response.content.decode()
    assert not Delivery.objects.filter(kind="information_requested").exists()


def test_review_own_organization_has_no_buttons(sign_in, url, reviewer, application, house):
    Affiliation.objects.create(person=reviewer, organization=house)
    client = sign_in(reviewer)

    text = client.get(url).content.decode()
    response = client.post(url, ASK | {"confirmed": "1"})

    assert "You belong to Moss Stair" in text
    assert 'value="approve"' not in text
    assert response.status_code == 200
    application.refresh_from_db()
    assert application.state == "submitted"


def test_review_change_the_words_keeps_them(sign_in, url, reviewer):
    text = sign_in(reviewer).post(url, ASK | {"edit": "1"}).content.decode()

    assert "Which house?</textarea>" in text
    assert 'value="approve"' in text


def test_review_query_count_is_constant(
    sign_in, url, reviewer, application, house, community, django_assert_max_num_queries
):
    client = sign_in(reviewer)
    client.get(url)
    with django_assert_max_num_queries(60) as before:
        client.get(url)
    for number in range(4):
        evidence = application.evidence.first()
        evidence.pk, evidence.public_id = None, f"copy{number}"
        evidence.save(force_insert=True)
        make_organization(f"Moss Stair Recovery House {number}")
        house.sites.create(name=f"House {number}", city="Comox", region="island")
        person = make_staff(community, "greeter", f"Person {number}")
        Membership.objects.create(community=community, person=person, joined_on="2026-04-01")
        Affiliation.objects.create(person=person, organization=house)
    with django_assert_max_num_queries(len(before)):
        client.get(url)


@pytest.mark.parametrize("who", [*CAST, "reviewer"])
def test_evidence_document_is_for_reviewers_and_each_view_is_noted(
    request, sign_in, application, who
):
    person = request.getfixturevalue(who)
    evidence = application.evidence.get()

    client = sign_in(person)
    response = client.get(f"/desk/members/evidence/{evidence.pk}/document/")

    seen = AuditEvent.objects.filter(action="evidence_viewed")
    if who in {"priya", "reviewer", "admin"}:
        assert not seen.exists()
        response = client.get(response["Location"])
        assert response["Content-Disposition"].startswith("attachment")
        assert [(row.actor, row.object_id) for row in seen] == [(person, evidence.public_id)]
    else:
        assert response.status_code == (404 if who == "outsider" else 302)
        assert not seen.exists()


def test_queue_shows_age_and_overdue_in_words(sign_in, reviewer, application):
    type(application).objects.update(due_on="2020-01-06", submitted_at="2020-01-01T00:00Z")

    text = sign_in(reviewer).get("/desk/members/membershipapplication/").content.decode()

    assert "overdue" in text
    assert "badge-bad" in text


def test_queue_shows_open_ones_first_and_others_by_filter(
    sign_in, reviewer, community, application, house
):
    other = apply(community, make_person("Decided Dora"), organization=house)
    type(other).objects.filter(pk=other.pk).update(state="withdrawn", decided_at=NOW)
    client = sign_in(reviewer)

    def names(query):
        text = client.get(f"/desk/members/membershipapplication/{query}").content.decode()
        return [name for name in ("Newcomer Nia", "Decided Dora") if name in text]

    assert names("") == ["Newcomer Nia"]
    assert names("?state=withdrawn") == ["Decided Dora"]
    assert names("?state=all") == ["Newcomer Nia", "Decided Dora"]


def test_review_asked_application_is_not_overdue(sign_in, reviewer, application):
    request_information(
        application=application, by=reviewer, seen_version=1, message="?", reason_codes=[], now=NOW
    )
    type(application).objects.update(due_on="2020-01-06")

    text = sign_in(reviewer).get("/desk/members/membershipapplication/").content.decode()

    assert "overdue" not in text


def test_ticks_survive_a_look_at_the_mail(sign_in, url, reviewer):
    client = sign_in(reviewer)
    mail = client.post(url, ASK | {"seen": ["name", "city"]}).content.decode()
    assert '<input type="hidden" name="seen" value="city">' in mail

    again = client.post(url, ASK | {"seen": ["name", "city"], "edit": "1"}).content.decode()
    assert 'value="city" checked' in again
    assert 'value="period" checked' not in again


def test_a_twin_of_one_s_own_community_is_a_link(sign_in, url, community, reviewer, dani):
    own, strange = (make_organization(f"Moss Stairs Recovery {name}") for name in ("Home", "Hall"))
    Affiliation.objects.create(person=dani, organization=own)
    apply(community, make_person("Asks too"), organization=own)
    text = sign_in(reviewer).get(url).content.decode()

    assert f"/desk/members/organization/{own.pk}/change/" in text
    assert f"/desk/members/organization/{strange.pk}/change/" not in text
    assert "Every Door" in text


def test_queue_keeps_what_is_laid_aside_for_last_and_old_claims_fall_away(
    sign_in, reviewer, priya, community, application
):
    rows = type(application).objects
    other = apply(community, make_person("Urgent Uma"), organization=application.organization)
    rows.filter(pk=application.pk).update(
        due_on="2020-01-06", held_until="2099-01-01", hold_reason="Waits"
    )
    now = timezone.now()
    rows.filter(pk=other.pk).update(claimed_by=priya, claimed_at=now)
    client = sign_in(reviewer)

    text = client.get("/desk/members/membershipapplication/").content.decode()
    assert text.index("Urgent Uma") < text.index("Newcomer Nia")
    assert "laid aside until 1 January" in text
    assert "Priya Lindqvist" in text
    rows.filter(pk=other.pk).update(claimed_at=now - timedelta(hours=25))
    page = f"/desk/members/membershipapplication/{other.pk}/change/"
    assert (
        "Priya Lindqvist" not in client.get("/desk/members/membershipapplication/").content.decode()
    )
    assert "Priya Lindqvist took" not in client.get(page).content.decode()


def test_queue_keeps_those_who_were_asked_behind_those_on_our_desk(
    sign_in, reviewer, community, application
):
    late = apply(community, make_person("Later Lou"), organization=application.organization)
    type(late).objects.filter(pk=late.pk).update(due_on="2099-01-01")
    type(late).objects.filter(pk=application.pk).update(state="info_requested")

    text = sign_in(reviewer).get("/desk/members/membershipapplication/").content.decode()

    assert text.index("Later Lou") < text.index("Newcomer Nia")


def test_queue_reads_the_same_for_few_and_many(
    sign_in, reviewer, community, application, django_assert_max_num_queries
):
    client = sign_in(reviewer)
    client.get("/desk/members/membershipapplication/")
    with django_assert_max_num_queries(30) as before:
        client.get("/desk/members/membershipapplication/")
    for number in range(21):
        row = apply(community, make_person(f"ʔa بيت {number}"), organization=make_organization())
        type(row).objects.filter(pk=row.pk).update(claimed_by=reviewer, claimed_at=NOW)
    with django_assert_max_num_queries(len(before)):
        client.get("/desk/members/membershipapplication/")


def test_keys_are_named_and_off_until_somebody_wants_them(sign_in, url, reviewer):
    for page in (url, "/desk/members/membershipapplication/", "/desk/members/reviewtask/"):
        text = sign_in(reviewer).get(page).content.decode()
        assert "data-keys" in text
        assert "js/desk" in text
        assert "accesskey" not in text

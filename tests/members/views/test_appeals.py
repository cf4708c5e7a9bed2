"""The pages of an appeal: the applicant's, the panel's, and nobody else's (AP2)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cop.core.models import AuditEvent
from cop.core.scan import ScanState
from members.actions.appeals import open_appeal
from members.actions.panels import cast_vote, seat_person
from members.models import Appeal, AppealFile, MembershipApplication
from members.queries.appeals import about_appeal
from outbox.models import Delivery
from tests.conftest import CAST
from tests.factories import make_member, make_organization
from tests.members.appeals import core, decline
from tests.members.conftest import make_photo

FORM = {"ground": "new_evidence", "text": "A letter came: four beds from April."}


@pytest.fixture
def declined(application, reviewer):
    return decline(application, reviewer, now=timezone.now())


@pytest.fixture
def appeal(declined, checked_photo):
    return open_appeal(
        application=declined, person=declined.person, now=timezone.now(),
        documents=[checked_photo], **FORM,
    )  # fmt: skip


@pytest.fixture
def rosa(community, appeal, priya):
    person = core(community, "Rosa Tait")
    seat_person(appeal=appeal, person=person, by=priya, now=timezone.now())
    return person


@pytest.fixture
def tom(community, appeal, priya):
    person = core(community, "Tom ʔa x̱")
    seat_person(appeal=appeal, person=person, by=priya, now=timezone.now())
    return person


def page(application):
    return f"/me/applications/{application.public_id}/appeal/"


def panel_page(appeal):
    return f"/me/appeals/{appeal.public_id}/"


@pytest.mark.parametrize("who", CAST)
@pytest.mark.parametrize("what", ["", "withdraw/", "files"])
def test_the_applicants_pages_are_the_applicants(request, sign_in, appeal, who, what):
    path = f"files/{appeal.files.get().public_id}/" if what == "files" else what
    client = sign_in(request.getfixturevalue(who))
    response = client.get(page(appeal.application) + path, follow=who == "newcomer")
    expected = {"newcomer": 200, "visitor": 302}.get(who, 404)
    assert response.status_code == expected


@pytest.mark.parametrize("who", CAST)
@pytest.mark.parametrize("what", ["", "leave/", "files", "papers"])
def test_the_panels_pages_are_the_panels(request, sign_in, appeal, rosa, who, what):
    paper = appeal.application.evidence.get().public_id
    paths = {"files": f"files/{appeal.files.get().public_id}/", "papers": f"papers/{paper}/"}
    path = panel_page(appeal) + paths.get(what, what)
    response = sign_in(request.getfixturevalue(who)).get(path)
    assert response.status_code == (302 if who == "visitor" else 404)
    assert sign_in(rosa).get(path, follow=True).status_code == 200


@pytest.mark.parametrize("who", [one for one in CAST if one != "visitor"])
def test_the_list_of_panels_is_for_those_who_sit_on_one(request, sign_in, rosa, who):
    assert sign_in(request.getfixturevalue(who)).get("/me/appeals/").status_code == 404
    assert sign_in(rosa).get("/me/appeals/").status_code == 200
    assert "/me/appeals/" in sign_in(rosa).get("/me/").content.decode()


def test_form_says_what_happens_and_sends_it(sign_in, declined):
    client = sign_in(declined.person)
    text = client.get(page(declined)).content.decode()
    assert "had no part in the decision" in text
    assert f"{declined.appeal_by:%Y}" in text
    assert 'enctype="multipart/form-data"' in text

    files = [make_photo("one.png"), make_photo("two.png")]
    response = client.post(page(declined), FORM | {"documents": files})

    assert response["Location"] == page(declined)
    found = Appeal.objects.get()
    assert sorted(found.files.values_list("document_name", flat=True)) == ["one.png", "two.png"]
    assert "You hear from us by" in client.get(page(declined)).content.decode()


def test_a_form_with_mistakes_keeps_the_words(sign_in, declined):
    response = sign_in(declined.person).post(page(declined), {"text": "Look again, please."})
    assert response.status_code == 200
    assert "Look again, please." in response.content.decode()
    assert not Appeal.objects.exists()


def test_a_page_named_pdf_is_refused(sign_in, declined):
    bad = make_photo("licence.pdf")
    response = sign_in(declined.person).post(page(declined), FORM | {"documents": [bad]})
    assert response.status_code == 200
    assert not Appeal.objects.exists()


def test_six_papers_are_too_many(sign_in, declined):
    files = [make_photo(f"{number}.png") for number in range(6)]
    response = sign_in(declined.person).post(page(declined), FORM | {"documents": files})
    assert "At most 5 papers" in response.content.decode()


def test_the_named_organization_is_found_without_accents_or_chosen(sign_in, declined):
    one = make_organization("Maison Théberge")
    client = sign_in(declined.person)
    client.post(page(declined), FORM | {"competitor": "maison theberge"})
    assert Appeal.objects.get().competitor == one


def test_of_several_with_the_name_one_is_chosen(sign_in, declined):
    make_organization("Cedar House North")
    south = make_organization("Cedar House South", city="Delta")
    client = sign_in(declined.person)
    data = FORM | {"competitor": "cedar house"}

    text = client.post(page(declined), data).content.decode()
    assert "Cedar House South, Delta" in text
    forged = client.post(page(declined), data | {"picked": "forged"})
    assert forged.status_code == 200
    client.post(page(declined), data | {"picked": south.public_id})

    assert Appeal.objects.get().competitor == south


def test_an_unknown_organization_is_said(sign_in, declined):
    response = sign_in(declined.person).post(page(declined), FORM | {"competitor": "Nowhere"})
    assert "We know none of this name" in response.content.decode()
    assert not Appeal.objects.exists()


def test_after_the_last_day_the_page_says_what_else_helps(sign_in, declined):
    past = timezone.now().date() - timedelta(days=3)
    MembershipApplication.objects.filter(pk=declined.pk).update(appeal_by=past)
    client = sign_in(declined.person)
    text = client.get(page(declined)).content.decode()
    assert "has passed" in text
    assert "/every-door/join/" in text
    client.post(page(declined), FORM)
    assert not Appeal.objects.exists()


def test_no_page_before_there_is_a_decision(sign_in, application):
    assert sign_in(application.person).get(page(application)).status_code == 404


def test_a_paper_is_added_and_the_whole_taken_back(sign_in, appeal):
    client = sign_in(appeal.application.person)
    client.post(page(appeal.application), {"documents": [make_photo("more.png")]})
    assert AppealFile.objects.filter(appeal=appeal, document_name="more.png").exists()

    client.post(page(appeal.application) + "withdraw/")

    appeal.refresh_from_db()
    assert appeal.state == "withdrawn"
    # There is still time: the form is back.
    assert "What happens then" in client.get(page(appeal.application)).content.decode()


def test_papers_wait_for_the_scanner(sign_in, appeal, rosa, settings):
    settings.CLAMAV_ADDRESS = "scanner:3310"
    file = appeal.files.get()
    path = panel_page(appeal) + f"files/{file.public_id}/"
    assert sign_in(rosa).get(path).status_code == 403
    AppealFile.objects.update(scan_state=ScanState.CLEAN)
    assert sign_in(rosa).get(path, follow=True).status_code == 200


def test_each_opening_by_the_panel_is_noted(sign_in, appeal, rosa):
    paper = appeal.application.evidence.get()
    client = sign_in(rosa)
    path = panel_page(appeal) + f"files/{appeal.files.get().public_id}/"
    response = client.get(path, follow=True)
    assert response["Content-Disposition"].startswith("attachment")
    client.get(panel_page(appeal) + f"papers/{paper.public_id}/", follow=True)

    seen = AuditEvent.objects.filter(actor=rosa).values_list("action", "object_id")
    assert set(seen) == {
        ("appeal_file_viewed", appeal.public_id), ("evidence_viewed", paper.public_id)
    }  # fmt: skip


def test_forged_ids_find_nothing(sign_in, appeal, rosa, community, house):
    other = MembershipApplication.objects.create(
        community=community, person=make_member(community, "Other"), organization=house,
        submitted_at=timezone.now(), due_on=timezone.now().date(), state="declined",
        decided_at=timezone.now(),
    )  # fmt: skip
    foreign = open_appeal(
        application=other, person=other.person, now=timezone.now(), ground="process", text="x",
        documents=[],
    )  # fmt: skip
    mine, client = appeal.files.get().public_id, sign_in(rosa)
    for path in (panel_page(foreign), panel_page(foreign) + f"files/{mine}/"):
        assert client.get(path).status_code == 404
    assert client.post(panel_page(foreign), {"vote": "uphold"}).status_code == 404
    other_client = sign_in(other.person)
    assert other_client.get(page(other) + f"files/{mine}/").status_code == 404
    assert other_client.post(page(appeal.application), FORM).status_code == 404


def test_panel_reads_the_letter_but_not_who_said_what(sign_in, appeal, rosa, reviewer):
    MembershipApplication.objects.update(internal_note="Neighbour Nell complained.")
    appeal.application.evidence.update(note="Heard from Nell.", checked_by=reviewer)
    text = sign_in(rosa).get(panel_page(appeal)).content.decode()
    assert "four beds from April" in text
    assert "No register lists it." in text
    for hidden in ("Nell", "Anneke", "Heard from"):
        assert hidden not in text


def test_votes_of_others_stay_hidden_until_ones_own(sign_in, appeal, rosa, tom):
    now = timezone.now()
    cast_vote(appeal=appeal, person=tom, vote="uphold", note="The letter is clear.", now=now)
    client = sign_in(rosa)
    before = client.get(panel_page(appeal)).content.decode()
    assert "has voted" in before
    assert "The letter is clear." not in before

    client.post(panel_page(appeal), {"vote": "uphold", "note": "I agree."})

    assert "The letter is clear." in client.get(panel_page(appeal)).content.decode()


def test_panel_votes_and_writes_and_the_applicant_never_reads_a_name(
    sign_in, community, appeal, rosa, tom
):
    for person in (rosa, tom):
        sign_in(person).post(panel_page(appeal), {"vote": "uphold", "note": "Nell told me."})
    text = sign_in(rosa).get(panel_page(appeal)).content.decode()
    assert "Everybody has voted: Upheld" in text

    in_spring = timezone.now().date() + timedelta(days=100)
    response = sign_in(tom).post(panel_page(appeal), {
        "reasons": "The letter is true.", "effective_on": in_spring.isoformat(),
        "criterion": community.criteria.get().pk, "kind": "funding_letter",
        "check_method": "issuer_contact", "valid_from": in_spring.isoformat(),
    })  # fmt: skip

    assert response.status_code == 302
    appeal.refresh_from_db()
    assert (appeal.state, appeal.effective_on) == ("upheld", in_spring)
    mine = sign_in(appeal.application.person).get(page(appeal.application)).content.decode()
    mails = Delivery.objects.filter(person=appeal.application.person)
    texts = [mine, *(mail.subject + mail.text + mail.html for mail in mails)]
    assert "The letter is true." in mine
    for hidden in ("Rosa", "Tom", "Nell", "Anneke", "Priya"):
        assert not any(hidden in one for one in texts)
    # The papers are closed again for the panel.
    file = panel_page(appeal) + f"files/{appeal.files.get().public_id}/"
    assert sign_in(rosa).get(file).status_code == 404
    assert "The panel has ended" in sign_in(rosa).get(panel_page(appeal)).content.decode()


def test_the_decision_needs_its_evidence_on_the_page(sign_in, appeal, rosa, tom):
    for person in (rosa, tom):
        sign_in(person).post(panel_page(appeal), {"vote": "uphold"})
    response = sign_in(rosa).post(panel_page(appeal), {"reasons": "Yes."})
    assert "Nothing shows that Moss Stair" in response.content.decode()


def test_a_seat_is_given_back(sign_in, appeal, rosa):
    response = sign_in(rosa).post(panel_page(appeal) + "leave/")
    assert response["Location"] == "/me/"
    assert not appeal.seats.exists()


@pytest.mark.parametrize("count", [1, 20])
def test_queries_of_the_pages_do_not_grow(
    sign_in, appeal, rosa, count, django_assert_max_num_queries
):
    for number in range(count):
        AppealFile.objects.create(appeal=appeal, document_name=f"{number}.pdf")
    client, own = sign_in(rosa), sign_in(appeal.application.person)
    with django_assert_max_num_queries(27):
        client.get(panel_page(appeal))
    with django_assert_max_num_queries(20):
        client.get("/me/appeals/")
    with django_assert_max_num_queries(20):
        own.get(page(appeal.application))


def test_what_the_application_page_is_told(declined):
    today = timezone.now().date()
    assert about_appeal(declined, today)["may_appeal"]
    assert about_appeal(declined, today)["appeal"] is None
    assert not about_appeal(declined, today + timedelta(days=40))["may_appeal"]


def test_the_application_page_leads_there_and_tells_how_it_stands(sign_in, declined):
    client = sign_in(declined.person)
    own = f"/me/applications/{declined.public_id}/"
    assert page(declined) in client.get(own).content.decode()
    client.post(page(declined), FORM)
    text = client.get(own).content.decode()
    assert "Other people look at it again" in text
    assert "We did not hear from you" not in text
    for state in ("appeal_upheld", "appeal_dismissed"):
        MembershipApplication.objects.update(state=state)
        assert "The panel" in client.get(own).content.decode()

import pytest

from members.actions import decline_application, request_information
from members.models import MembershipApplication
from tests.conftest import CAST
from tests.factories import NOW
from tests.members.conftest import make_photo


@pytest.fixture
def asked(application, reviewer):
    request_information(
        application=application, by=reviewer, seen_version=1, message="Which house is it?",
        reason_codes=["UNREADABLE"], now=NOW,
    )  # fmt: skip
    return application


@pytest.mark.parametrize("who", [*CAST, "reviewer"])
@pytest.mark.parametrize("part", ["", "withdraw/", "document"])
def test_application_pages_are_the_applicant_s_alone(request, sign_in, application, who, part):
    person = request.getfixturevalue(who)
    url = application.get_absolute_url()
    if part == "document":
        part = f"documents/{application.evidence.get().public_id}/"

    status = sign_in(person).get(url + part, follow=who == "newcomer").status_code

    assert status == {"visitor": 302, "newcomer": 200}.get(who, 404)


def test_application_detail_shows_state_and_date(sign_in, application, newcomer):
    text = sign_in(newcomer).get(application.get_absolute_url()).content.decode()

    assert "Received" in text
    assert "Thursday 3 December" in text
    assert "Take my application back" in text
    assert "Your answer" not in text


def test_application_detail_asked_shows_the_words_and_takes_an_answer(sign_in, asked, newcomer):
    client = sign_in(newcomer)
    text = client.get(asked.get_absolute_url()).content.decode()
    assert "Which house is it?" in text
    assert "could not read the file" in text

    client.post(
        asked.get_absolute_url(), {"answer": "The blue one.", "document": make_photo("new.png")}
    )

    asked.refresh_from_db()
    assert (asked.state, asked.answer) == ("in_review", "The blue one.")
    assert set(asked.evidence.values_list("document_name", flat=True)) == {"licence.png", "new.png"}


def test_application_detail_refuses_an_empty_answer(sign_in, asked, newcomer):
    response = sign_in(newcomer).post(asked.get_absolute_url(), {"answer": " "})

    assert response.status_code == 200
    asked.refresh_from_db()
    assert asked.state == "info_requested"


def test_application_detail_answer_nobody_asked_for_changes_nothing(sign_in, application, newcomer):
    response = sign_in(newcomer).post(application.get_absolute_url(), {"answer": "Hello"})

    assert response.status_code == 302
    assert MembershipApplication.objects.get().answer == ""


def test_application_detail_declined_says_why_and_how_to_go_on(
    sign_in, application, newcomer, reviewer
):
    decline_application(
        application=application, by=reviewer, seen_version=1, message="Not <b>yet</b>.",
        reason_codes=["EVIDENCE_ENDED"], now=NOW,
    )  # fmt: skip

    text = sign_in(newcomer).get(application.get_absolute_url()).content.decode()

    assert "Not &lt;b&gt;yet&lt;/b&gt;." in text
    assert "has ended" in text
    assert "apply again" in text


def test_application_withdraw_asks_first(sign_in, application, newcomer):
    client, url = sign_in(newcomer), f"{application.get_absolute_url()}withdraw/"

    client.get(url)
    application.refresh_from_db()
    assert application.state == "submitted"
    client.post(url)
    application.refresh_from_db()
    assert application.state == "withdrawn"


def test_application_document_is_an_attachment(sign_in, application, newcomer):
    evidence = application.evidence.get()
    url = f"{application.get_absolute_url()}documents/{evidence.public_id}/"
    client = sign_in(newcomer)

    response = client.get(url, follow=True)

    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    evidence.document_purged_at = NOW
    evidence.save(update_fields=["document_purged_at"])
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(("state", "status"), [("pending", 403), ("infected", 403), ("clean", 200)])
def test_application_document_waits_for_the_scanner(
    sign_in, application, newcomer, settings, state, status
):
    settings.CLAMAV_ADDRESS = "127.0.0.1:3310"
    evidence = application.evidence.get()
    evidence.scan_state = state
    evidence.save(update_fields=["scan_state"])

    url = f"{application.get_absolute_url()}documents/{evidence.public_id}/"

    assert sign_in(newcomer).get(url, follow=True).status_code == status


@pytest.mark.parametrize("count", [1, 4])
def test_application_detail_query_count_is_constant(
    sign_in, application, newcomer, count, django_assert_num_queries
):
    first = application.evidence.get()
    for _ in range(count):
        first.pk, first.public_id = None, f"x{_}"
        first.save(force_insert=True)
    client = sign_in(newcomer)

    with django_assert_num_queries(11):
        client.get(application.get_absolute_url())


def test_file_of_an_answer_comes_again_after_an_error(sign_in, newcomer, application):
    MembershipApplication.objects.update(state="info_requested")
    client, url = sign_in(newcomer), application.get_absolute_url()
    shown = {"reference": "AL-2", "document": make_photo("page two.png")}

    first = client.post(url, shown | {"answer": ""})
    assert "We have page two.png" in first.content.decode()

    token = first.context["form"]["kept"].value()
    client.post(url, {"answer": "Here it is.", "reference": "AL-2", "kept": token})
    row = application.evidence.order_by("-pk").first()
    assert (row.reference, row.document_name) == ("AL-2", "page two.png")

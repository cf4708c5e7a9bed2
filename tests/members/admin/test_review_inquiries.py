import pytest

from members.actions.inquiries import agree_to_inquiry, refuse_inquiry
from members.models import IssuerInquiry, MembershipApplication
from outbox.models import Delivery
from tests.conftest import CAST
from tests.factories import NOW

DATA = {
    "issuer": "Licensing Office <Coast>", "email": "licensing@office.example",
    "question": "Is it licensed & until when?",
}  # fmt: skip


@pytest.fixture
def address(application):
    return f"/desk/members/membershipapplication/{application.pk}/change/"


@pytest.fixture
def url(application):
    return f"/desk/members/membershipapplication/{application.pk}/office/"


@pytest.mark.parametrize("who", [*CAST, "reviewer"])
def test_asking_is_for_reviewers_of_this_community(request, sign_in, url, who):
    response = sign_in(request.getfixturevalue(who)).get(url)

    expected = 404 if who == "outsider" else 200 if who in {"priya", "reviewer", "admin"} else 302
    assert response.status_code == expected


def test_from_the_question_to_the_answer(sign_in, address, url, reviewer, newcomer, application):
    client = sign_in(reviewer)
    assert url in client.get(address).content.decode()

    both = client.post(url, DATA).content.decode()
    assert both.count("Is it licensed &amp; until when?") == 3  # two mails and a field
    assert "%%" not in both
    assert not IssuerInquiry.objects.exists()

    response = client.post(url, DATA | {"confirmed": "1"}, follow=True)
    text = response.content.decode()
    assert "Newcomer Nia was asked" in text
    assert "Waits for the applicant" in text
    assert url not in text
    inquiry = IssuerInquiry.objects.get()
    answer = f"{url}{inquiry.public_id}/"
    assert (
        "waits for no answer" in client.post(answer, {"answer": "x"}, follow=True).content.decode()
    )

    agree_to_inquiry(inquiry=inquiry, person=newcomer, now=NOW)
    assert answer in client.get(address).content.decode()
    text = client.post(answer, {"answer": "Until <March>"}, follow=True).content.decode()
    assert "Until &lt;March&gt;" in text
    assert "The office answered" in text
    assert Delivery.objects.filter(kind="issuer_inquiry").count() == 1


def test_a_no_stands_on_the_page(sign_in, address, url, reviewer, newcomer):
    client = sign_in(reviewer)
    client.post(url, DATA | {"confirmed": "1"})
    refuse_inquiry(inquiry=IssuerInquiry.objects.get(), person=newcomer, now=NOW)

    assert "The applicant said no" in client.get(address).content.decode()
    assert "said no to asking" in client.post(url, DATA | {"confirmed": "1"}).content.decode()


@pytest.mark.parametrize(
    "changes", [{"email": "nobody"}, {"question": " "}, {"issuer": "x" * 161}, {"email": ""}]
)
def test_what_is_missing_is_said_and_nothing_sent(sign_in, url, reviewer, changes):
    sign_in(reviewer).post(url, DATA | changes | {"confirmed": "1"})

    assert not IssuerInquiry.objects.exists()


def test_going_back_keeps_the_words(sign_in, url, reviewer):
    text = sign_in(reviewer).post(url, DATA | {"edit": "1"}).content.decode()

    assert "Is it licensed &amp; until when?</textarea>" in text


def test_an_inquiry_of_another_application_is_not_answered_here(sign_in, url, reviewer):
    assert sign_in(reviewer).post(f"{url}nosuch/", {"answer": "x"}).status_code == 404
    assert sign_in(reviewer).get(f"{url}nosuch/").status_code == 405


def test_a_second_tap_asks_once(sign_in, url, reviewer):
    client = sign_in(reviewer)
    for _tap in range(2):
        response = client.post(url, DATA | {"confirmed": "1"}, follow=True)
        assert "Newcomer Nia was asked" in response.content.decode()

    assert IssuerInquiry.objects.count() == 1
    other = client.post(url, DATA | {"question": "Another one?", "confirmed": "1"})
    assert "waits for the applicant" in other.content.decode()


def test_someone_without_an_organization_has_no_paper_to_ask_about(sign_in, url, reviewer):
    MembershipApplication.objects.update(organization=None, applying_as="individual")

    assert sign_in(reviewer).get(url).status_code == 404

"""The decision form, what to check, and the words for the reasons."""

import json
from datetime import date

import pytest
from django.utils import timezone

from members.actions.memberships import local_day
from members.admin.checklists import say_period
from members.admin.letter_words import WORDS, letter_parts, letter_words
from members.models import Criterion, Evidence, Membership, MembershipApplication
from members.reasons import DeclineReason, InfoReason
from outbox.models import Delivery
from tests.factories import NOW, make_person
from tests.members.conftest import apply

APPROVE = {
    "decision": "approve", "seen_version": 1, "verify_evidence": "on",
    "check_method": "public_register",
}  # fmt: skip


def page_of(application):
    return f"/desk/members/membershipapplication/{application.pk}/change/"


@pytest.fixture
def url(application):
    return page_of(application)


@pytest.fixture
def alone(community):
    """Somebody without an organization."""
    return MembershipApplication.objects.create(
        community=community, person=make_person("ʔa-Lone Łukasz"), applying_as="individual",
        submitted_at=NOW, due_on=NOW.date(), agreement=community.agreements.get(),
    )  # fmt: skip


def the_next_31_march(day):
    return date(day.year + (day > date(day.year, 3, 31)), 3, 31)


def test_the_last_day_is_proposed_by_the_rule_of_the_criterion(sign_in, url, reviewer, community):
    today = local_day(community, timezone.now())
    community.criteria.update(validity="next_31_march")
    spring = sign_in(reviewer).get(url).content.decode()
    community.criteria.update(validity="twelve_months")
    year = sign_in(reviewer).get(url).content.decode()

    assert f'name="valid_to" value="{the_next_31_march(today):%Y-%m-%d}"' in spring
    assert f'name="valid_to" value="{today.year + 1}-' in year


def test_the_last_day_on_the_paper_goes_before_the_rule(sign_in, url, reviewer, application):
    application.evidence.update(valid_from="2026-04-01", valid_to="2099-01-31")

    text = sign_in(reviewer).get(url).content.decode()

    assert 'name="valid_to" value="2099-01-31"' in text
    assert "It covers today, until 31 January 2099." in text


@pytest.mark.parametrize(
    ("start", "last", "tone"),
    [
        (None, None, "wait"), ("2026-04-01", "2027-03-31", "good"),
        ("2026-04-01", "2026-11-25", "bad"), ("2026-12-01", "2027-03-31", "wait"),
        (None, "2026-11-26", "good"),
    ],
)  # fmt: skip
def test_period_beside_today(start, last, tone):
    day = [date.fromisoformat(one) if one else None for one in (start, last)]
    row = Evidence(criterion=Criterion(), valid_from=day[0], valid_to=day[1])

    assert say_period(row, date(2026, 11, 26))[1] == tone


def test_checklist_names_links_papers_issuers_and_doubts(sign_in, url, reviewer, application):
    application.evidence.update(reference="S-0012345", kind="other", issuer="Somebody")
    application.community.criteria.update(
        check_url="https://register.example/list", check_links=["https://second.example/x"],
        accepted_kinds=["certificate"], issuers=["The Registry"], doubt="society_number",
        examples="A line in the register", not_enough="A society number",
    )  # fmt: skip

    text = sign_in(reviewer).get(url).content.decode()

    for words in (
        "Look it up: register.example", "Look it up: second.example", "Certificate",
        "The Registry", "number of a society", "Sent as: Other", "“Somebody” is not on the list",
        "A line in the register", "A society number", "It stands in the public listing",
        "No conflict of interest is known",
    ):  # fmt: skip
        assert words in text


@pytest.mark.parametrize(
    ("changes", "criterion", "words"),
    [
        ({"valid_to": "2020-01-01"}, {}, "This day is over"),
        ({"valid_from": "2099-02-01", "valid_to": "2099-01-01"}, {}, "before the first one"),
        ({"check_method": "document_only"}, {"check_url": "https://r.example"}, "public register"),
        ({"check_method": "document_only"}, {"check_links": ["https://r.example"]}, "public reg"),
        ({"kind": ""}, {"accepted_kinds": ["funding_letter"]}, "takes no other papers"),
    ],
)  # fmt: skip
def test_what_cannot_be_verified_is_said_before_the_mail(
    sign_in, url, reviewer, application, changes, criterion, words
):
    if criterion:
        application.community.criteria.update(**criterion)

    text = sign_in(reviewer).post(url, APPROVE | changes).content.decode()

    assert words in text
    assert "This mail goes out" not in text


def test_the_reviewer_says_what_kind_of_paper_it_is(sign_in, url, reviewer, application):
    application.community.criteria.update(accepted_kinds=["funding_letter"])
    data = APPROVE | {"kind": "funding_letter", "valid_to": "2099-03-31", "note": "Rang them"}

    sign_in(reviewer).post(url, data | {"confirmed": "1", "check_method": "issuer_contact"})

    row = application.evidence.get()
    assert (row.state, row.kind, row.note) == ("verified", "funding_letter", "Rang them")
    assert row.valid_to == date(2099, 3, 31)


def test_what_begins_later_makes_an_ally_today_and_the_mail_says_so(
    sign_in, url, reviewer, application
):
    data = APPROVE | {"valid_from": "2098-04-01", "valid_to": "2099-03-31"}
    client = sign_in(reviewer)
    assert "you are an ally of" in client.post(url, data).content.decode()

    client.post(url, data | {"confirmed": "1"})

    assert Membership.objects.get(person=application.person).category == "ally"


def test_of_two_papers_the_one_that_was_checked_is_verified(sign_in, url, reviewer, application):
    second = Evidence.objects.create(
        organization=application.organization, criterion=application.community.criteria.get(),
        application=application, submitted_at=NOW, reference="Second",
    )  # fmt: skip
    client = sign_in(reviewer)
    text = client.get(url).content.decode()
    assert "Which one you checked" in text
    assert "Say which evidence you checked" in client.post(url, APPROVE).content.decode()

    client.post(url, APPROVE | {"holds": second.pk, "confirmed": "1"})

    second.refresh_from_db()
    assert second.state == "verified"
    assert application.evidence.exclude(pk=second.pk).get().state == "submitted"


def test_evidence_of_another_application_cannot_be_named(sign_in, url, reviewer, application):
    for reference in ("First", "Second"):
        Evidence.objects.create(
            organization=application.organization, application=application, submitted_at=NOW,
            criterion=application.community.criteria.get(), reference=reference,
        )  # fmt: skip
    strange = Evidence.objects.create(
        organization=application.organization, criterion=application.community.criteria.get(),
        submitted_at=NOW,
    )  # fmt: skip

    sign_in(reviewer).post(url, APPROVE | {"holds": strange.pk, "confirmed": "1"})

    application.refresh_from_db()
    assert application.state == "submitted"


def test_every_reason_but_conduct_has_words():
    assert set(InfoReason.values) | set(DeclineReason.values) == set(WORDS) | {"CONDUCT"}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_words_are_in_the_applicants_language_and_keep_strange_names(application, language):
    application.person.language = language
    application.organization.name = "100% Ts’kw’aylaxw\nLodge"

    parts = letter_parts(application)

    assert "100% Ts’kw’aylaxw Lodge" in parts["ask"]["NEED_AFFILIATION"]
    assert not [one for words in parts.values() for one in words.values() if "%(" in one]


def test_words_for_one_without_an_organization(alone):
    assert "your organization" in letter_words(alone, "ask", ["NEED_AFFILIATION"])


def test_button_fills_in_the_words_and_keeps_what_was_typed(sign_in, url, reviewer, application):
    client = sign_in(reviewer)
    data = {"fill": "ask", "seen_version": 1, "info_reasons": ["UNREADABLE", "NO_PERIOD"]}

    text = client.post(url, data | {"message": "Hello Nia,", "valid_to": "2099-03-31"})
    again = client.post(
        url, data | {"message": letter_words(application, "ask", data["info_reasons"])}
    )

    text = text.content.decode()
    assert text.count("Lay the page flat") == 2  # in the letter, and in the list of the page
    assert "Hello Nia,\n\nLay the page flat" in text
    assert 'value="UNREADABLE" id="id_info_reasons_6" checked' in text
    assert 'value="2099-03-31"' in text
    assert 'class="errorlist"' not in text
    assert again.content.decode().count("Lay the page flat") == 2


@pytest.mark.parametrize("data", [{"fill": "decline"}, {"fill": "burn"}, {"fill": ""}])
def test_button_without_a_reason_changes_nothing(sign_in, url, reviewer, application, data):
    response = sign_in(reviewer).post(url, data | {"message": "Mine"})

    assert ">\nMine</textarea>" in response.content.decode()


def test_words_travel_to_the_page_as_data(sign_in, url, reviewer, application):
    text = sign_in(reviewer).get(url).content.decode()
    raw = text.partition('data-letter="')[2].partition('"')[0].replace("&quot;", '"')

    parts = json.loads(raw.replace("&#x27;", "'"))

    assert "Per-diem" not in parts["ask"]["PER_DIEM_ONLY"]
    assert parts["ask"][""].startswith("Are you stuck?")


def test_someone_without_an_organization_breaks_no_page(sign_in, alone, reviewer):
    client = sign_in(reviewer)
    url = page_of(alone)

    assert "comes without an organization" in client.get(url).content.decode()
    ask = {"decision": "ask", "seen_version": 1, "message": "Where do you work?"}
    assert "Where do you work?" in client.post(url, ask).content.decode()
    approve = {"decision": "approve", "seen_version": 1, "confirmed": "1"}
    assert client.post(url, approve).status_code == 302
    assert client.get(url).status_code == 200
    assert client.get("/desk/members/membershipapplication/?state=all").status_code == 200
    assert Membership.objects.get(person=alone.person).category == "ally"


def test_where_no_allies_are_taken_the_page_says_so_and_stays_open(sign_in, alone, reviewer):
    type(alone.community).objects.update(allies_allowed=False)
    approve = {"decision": "approve", "seen_version": 1, "confirmed": "1"}

    text = sign_in(reviewer).post(page_of(alone), approve).content.decode()

    assert "takes no allies" in text
    assert 'value="approve"' in text


def test_the_loser_reads_who_was_faster_and_keeps_the_words(
    sign_in, url, reviewer, priya, application
):
    other = {"decision": "ask", "seen_version": 1, "message": "From Priya", "confirmed": "1"}
    sign_in(priya).post(url, other)
    mine = {"decision": "decline", "seen_version": 1, "message": "Mine & <b>", "confirmed": "1"}

    text = sign_in(reviewer).post(url, mine | {"decline_reasons": "NOT_IN_BC"}).content.decode()

    assert "Priya Lindqvist was faster" in text
    assert "Mine &amp; &lt;b&gt;</pre>" in text
    assert 'name="seen_version" value="2"' in text


def test_after_deciding_the_next_one_is_at_hand(sign_in, url, reviewer, community, application):
    own = apply(community, make_person("Of my house"), organization=application.organization)
    type(own).objects.filter(pk=own.pk).update(claimed_by=reviewer, due_on="2020-01-01")
    ask = {"decision": "ask", "seen_version": 1, "message": "?", "info_reasons": ["UNREADABLE"]}
    client = sign_in(reviewer)

    assert "on to the next one" in client.post(url, ask).content.decode()
    response = client.post(url, ask | {"onward": "1"})

    assert response["Location"] == page_of(own)


def test_next_leaves_out_what_others_hold_and_what_is_one_s_own(
    sign_in, url, reviewer, priya, application, alone
):
    rows = type(alone).objects.filter(pk=alone.pk)
    client = sign_in(reviewer)
    assert "Next: ʔa-Lone Łukasz" in client.get(url).content.decode()
    rows.update(claimed_by=priya, claimed_at=timezone.now())
    assert "Next:" not in client.get(url).content.decode()
    rows.update(claimed_by=None, held_until="2099-01-01")
    assert "Next:" not in client.get(url).content.decode()
    rows.update(held_until=None, person=reviewer)
    assert "Next:" not in client.get(url).content.decode()


@pytest.mark.parametrize("decision", ["approve", "ask", "decline"])
def test_a_second_tap_is_told_the_same_and_sends_nothing_more(
    sign_in, url, reviewer, application, decision
):
    data = {
        "decision": decision, "seen_version": 1, "message": " Words\r\nto Nia ", "confirmed": "1",
        "decline_reasons": "NOT_IN_BC", "info_reasons": "UNREADABLE",
    }  # fmt: skip
    client = sign_in(reviewer)
    for _tap in range(2):
        response = client.post(url, data, follow=True)
        assert "Done. The mail to Newcomer Nia" in response.content.decode()

    assert Delivery.objects.exclude(kind="application_received").count() == 1

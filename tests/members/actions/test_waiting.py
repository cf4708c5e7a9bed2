"""An application while nobody acts: reminders, lapse, and the ways back (2.6)."""

from datetime import date, timedelta

import pytest

from cop.core.errors import ActionError
from members.actions import answer_request, decline_application, request_information
from members.actions.claims import (
    claim_application,
    hold_application,
    release_application,
    resume_application,
)
from members.actions.waiting import accept_ally_offer, keep_applications, reopen_application
from members.models import InformationRequest, Membership, MembershipApplication
from outbox.models import Delivery
from tests.factories import NOW, make_staff


def ask(application, reviewer, now=NOW):
    application.refresh_from_db()
    request_information(
        application=application, by=reviewer, seen_version=application.version,
        message="Please send the second page.", reason_codes=["UNREADABLE"], now=now,
    )  # fmt: skip
    application.refresh_from_db()


def decline(application, reviewer, codes=("NO_CRITERION_MET",)):
    decline_application(
        application=application, by=reviewer, seen_version=application.version,
        message="Not this time.", reason_codes=list(codes), now=NOW,
    )  # fmt: skip
    application.refresh_from_db()


def kinds():
    return list(
        Delivery.objects.exclude(kind="application_received")
        .order_by("pk")
        .values_list("kind", flat=True)
    )


def walk(days):
    found = {}
    for day in days:
        before = Delivery.objects.count()
        keep_applications(now=NOW + timedelta(days=day))
        keep_applications(now=NOW + timedelta(days=day))
        if Delivery.objects.count() != before:
            new = Delivery.objects.order_by("-created_at", "-pk").first()
            found[day] = (new.kind, Delivery.objects.count() - before)
    return found


def test_two_reminders_then_lapse_after_thirty_days(application, reviewer):
    ask(application, reviewer)
    assert application.answer_by == date(2026, 12, 26)

    assert walk(range(1, 40)) == {
        7: ("information_reminder", 1),
        21: ("information_reminder", 1),
        31: ("application_lapsed", 1),
    }
    application.refresh_from_db()
    assert (application.state, application.answer_by) == ("lapsed", None)


def test_an_answer_stops_the_clock_and_stands_with_its_question(application, reviewer, newcomer):
    ask(application, reviewer)
    answer_request(
        application=application, person=newcomer, answer="Here it is.", now=NOW + timedelta(days=3)
    )
    assert walk(range(4, 40)) == {}
    row = InformationRequest.objects.get()
    assert (row.answer, row.answered_at) == ("Here it is.", NOW + timedelta(days=3))
    ask(application, reviewer, NOW + timedelta(days=5))
    assert InformationRequest.objects.filter(answered_at=None).count() == 1


def test_lapsed_is_opened_again_for_ninety_days(application, reviewer, newcomer):
    ask(application, reviewer)
    walk([31])
    application.refresh_from_db()
    with pytest.raises(ActionError):
        reopen_application(
            application=application, person=newcomer, now=NOW + timedelta(days=31 + 91)
        )
    with pytest.raises(ActionError):
        reopen_application(application=application, person=reviewer, now=NOW)
    reopen_application(application=application, person=newcomer, now=NOW + timedelta(days=60))
    application.refresh_from_db()
    assert application.state == "info_requested"
    assert application.answer_by == (NOW + timedelta(days=90)).date()


def test_decline_names_the_last_day_of_appeal_and_offers_a_place_as_ally(
    application, reviewer, newcomer
):
    decline(application, reviewer)
    assert application.appeal_by == date(2026, 12, 26)
    mail = Delivery.objects.get(kind="declined")
    assert "26 December 2026" in mail.text
    assert "as an ally" in mail.text
    membership = accept_ally_offer(application=application, person=newcomer, now=NOW)
    assert membership.category == "ally"
    with pytest.raises(ActionError, match="already"):
        accept_ally_offer(application=application, person=newcomer, now=NOW)
    assert Membership.objects.filter(person=newcomer).count() == 1


@pytest.mark.parametrize("code", ["CONDUCT", "DUPLICATE", "COHORT_FULL"])
def test_no_ally_offer_where_it_does_not_fit(application, reviewer, newcomer, code):
    decline(application, reviewer, [code])
    assert "as an ally" not in Delivery.objects.get(kind="declined").text
    with pytest.raises(ActionError):
        accept_ally_offer(application=application, person=newcomer, now=NOW)


def test_nobody_takes_the_offer_of_somebody_else(application, reviewer, dani):
    decline(application, reviewer)
    with pytest.raises(ActionError):
        accept_ally_offer(application=application, person=dani, now=NOW)


def test_one_takes_it_on_and_the_other_is_told(application, reviewer, community):
    other = make_staff(community, "reviewer", "Olga Other")
    claim_application(application=application, by=reviewer, now=NOW)
    with pytest.raises(ActionError, match=reviewer.display_name):
        claim_application(application=application, by=other, now=NOW + timedelta(hours=1))
    # After a day of silence it is free again.
    claim_application(application=application, by=other, now=NOW + timedelta(hours=25))
    release_application(application=application, by=reviewer, now=NOW)
    assert MembershipApplication.objects.get().claimed_by == other
    release_application(application=application, by=other, now=NOW)
    assert MembershipApplication.objects.get().claimed_by is None


def test_laid_aside_needs_a_day_and_a_reason(application, reviewer):
    day = NOW.date() + timedelta(days=5)
    for until, reason in ((NOW.date(), "x"), (day + timedelta(days=90), "x"), (day, " ")):
        with pytest.raises(ActionError):
            hold_application(
                application=application, by=reviewer, until=until, reason=reason, now=NOW
            )
    hold_application(
        application=application, by=reviewer, until=day, reason="The issuer answers.", now=NOW
    )
    assert MembershipApplication.objects.get().held_until == day
    resume_application(application=application, by=reviewer, now=NOW)
    assert MembershipApplication.objects.get().held_until is None


def test_strangers_take_nothing_on(application, dani):
    with pytest.raises(ActionError):
        claim_application(application=application, by=dani, now=NOW)


def test_pages_open_again_and_stay_as_ally(sign_in, application, reviewer, newcomer, dani):
    decline(application, reviewer)
    page = f"/me/applications/{application.public_id}/"
    client = sign_in(newcomer)
    assert "Stay as an ally" in client.get(page).content.decode()
    assert sign_in(dani).post(page + "ally/").status_code == 404
    assert client.get(page + "ally/").status_code == 405
    client.post(page + "ally/")
    assert Membership.objects.get(person=newcomer).category == "ally"
    assert "Stay as an ally" not in client.get(page).content.decode()
    MembershipApplication.objects.update(state="lapsed")
    assert "Open it again" in client.get(page).content.decode()
    client.post(page + "reopen/")
    application.refresh_from_db()
    assert application.state == "info_requested"


def test_desk_takes_on_and_lays_aside(sign_in, application, reviewer, outsider):
    change = f"/desk/members/membershipapplication/{application.pk}/change/"
    step = f"/desk/members/membershipapplication/{application.pk}/step/"
    client = sign_in(reviewer)
    assert "I take this on" in client.get(change).content.decode()
    page = client.post(step, {"do": "claim"}, follow=True).content.decode()
    assert "You took this on." in page
    day = (NOW + timedelta(days=20)).date().isoformat()
    page = client.post(
        step, {"do": "hold", "until": day, "reason": "Waits for the issuer"}, follow=True
    ).content.decode()
    assert "Waits for the issuer" in page
    listed = client.get("/desk/members/membershipapplication/").content.decode()
    assert "laid aside until" in listed
    assert sign_in(outsider).post(step, {"do": "claim"}).status_code == 404

"""Who is in a resource, and that nothing goes out without their yes (L3, L4)."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import timedelta

import pytest
from django.db import connection

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from library.actions import (
    ConsentMissing,
    CreditRefused,
    add_credit,
    answer_consent,
    ask_consent,
    ask_everybody,
    change_credit,
    edit_resource,
    note_consent,
    publish_resource,
    remind_unanswered,
    remove_credit,
    withdraw_consent,
)
from library.models import Resource, ResourceCredit
from library.queries.credits import missing_consents, named_people
from outbox.models import Delivery
from tests.factories import NOW, make_member, make_person, make_staff
from tests.library.factories import make_resource

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def speaker(community):
    return make_member(community, "Sam Speaker")


@pytest.fixture
def recording(community) -> Resource:
    return make_resource(
        community,
        kind="recording",
        title="The night",
        state="in_review",
        visibility="members",
        transcript="What is said.",
    )


@pytest.fixture
def credit(recording, priya, speaker) -> ResourceCredit:
    return add_credit(
        resource=recording, part="speaker", person=speaker, is_named=True, by=priya, now=NOW
    )


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def mails(kind: str):
    return Delivery.objects.filter(kind=kind)


def say(credit, answer="yes", **more):
    return answer_consent(credit=credit, answer=answer, now=NOW, **more)


def test_it_goes_out_only_with_every_yes(recording, credit, priya, community):
    other = make_member(community, "Olga")
    second = add_credit(resource=recording, part="quoted", person=other, by=priya, now=NOW)
    with pytest.raises(ConsentMissing, match="2 people in it"):
        publish_resource(resource=recording, by=priya, now=NOW)
    say(credit)
    with pytest.raises(ConsentMissing, match="1 person in it"):
        publish_resource(resource=recording, by=priya, now=NOW)
    say(second, "unnamed")
    assert publish_resource(resource=recording, by=priya, now=NOW).is_shown


def test_an_author_need_not_agree_to_being_unnamed(recording, priya, speaker):
    add_credit(resource=recording, part="author", person=speaker, by=priya, now=NOW)
    assert publish_resource(resource=recording, by=priya, now=NOW).is_shown
    assert named_people(recording) == []


def test_they_are_asked_once_a_day(credit, priya, speaker):
    for _ in range(3):
        ask_consent(credit=credit, by=priya, now=NOW)
    assert fresh(credit).consent == "asked"
    (mail,) = mails("consent_request")
    assert mail.person == speaker
    assert "/consent/" in mail.text
    ask_consent(credit=credit, by=priya, now=NOW + DAY)
    assert mails("consent_request").count() == 2
    assert fresh(credit).asked_at == NOW


def test_a_no_is_not_asked_again_but_may_become_a_yes(recording, credit, priya):
    ask_consent(credit=credit, by=priya, now=NOW)
    assert say(credit, "no").consent == "refused"
    with pytest.raises(CreditRefused, match="do not ask twice"):
        ask_consent(credit=credit, by=priya, now=NOW + DAY)
    assert ask_everybody(resource=recording, by=priya, now=NOW + DAY) == []
    assert say(credit).consent == "given"


def test_withdrawing_takes_it_out_at_once_and_tells_the_librarians(
    recording, credit, priya, community, speaker, dani
):
    keeper = make_staff(community, "librarian")
    say(credit)
    publish_resource(resource=recording, by=priya, now=NOW)
    assert Resource.objects.visible_to(dani).filter(pk=recording.pk).exists()

    withdraw_consent(credit=credit, now=NOW)

    row = fresh(recording)
    assert (row.state, row.return_reason) == ("in_review", "Somebody in it took back their yes.")
    assert not Resource.objects.readable_by(dani).filter(pk=recording.pk).exists()
    (mail,) = mails("consent_withdrawn").filter(person=keeper)
    assert "Sam" not in mail.text + mail.html + mail.subject
    with pytest.raises(ConsentMissing):
        publish_resource(resource=recording, by=priya, now=NOW)
    withdraw_consent(credit=credit, now=NOW + DAY)
    assert mails("consent_withdrawn").filter(person=keeper).count() == 1


def test_what_was_replaced_is_out_too(community, priya, credit, recording):
    say(credit)
    Resource.objects.filter(pk=recording.pk).update(state="superseded", published_at=NOW)
    withdraw_consent(credit=credit, now=NOW)
    assert fresh(recording).state == "withdrawn"


def test_an_author_takes_only_the_name_back(community, priya, speaker):
    shown = make_resource(community)
    row = add_credit(
        resource=shown, part="author", person=speaker, is_named=True, by=priya, now=NOW
    )
    say(row)
    assert named_people(shown) == ["Sam Speaker"]
    assert "Sam Speaker" in fresh(shown).words
    withdraw_consent(credit=row, now=NOW)
    assert fresh(shown).is_shown
    assert named_people(shown) == []
    assert "Sam" not in fresh(shown).words


def test_somebody_new_in_a_shown_one_has_to_be_asked_first(community, priya, speaker):
    shown = make_resource(community, kind="recording")
    add_credit(resource=shown, part="speaker", person=speaker, by=priya, now=NOW)
    assert fresh(shown).state == "in_review"
    assert AuditEvent.objects.filter(action="library.resource_unpublished").count() == 1


def test_more_readers_need_a_new_yes_from_all(recording, credit, priya, speaker):
    say(credit)
    publish_resource(resource=recording, by=priya, now=NOW)
    Resource.objects.filter(pk=recording.pk).update(submitted_by=priya)
    with pytest.raises(ConsentMissing):
        edit_resource(resource=recording, by=priya, now=NOW, visibility="public")

    (asked,) = ask_everybody(resource=recording, by=priya, now=NOW, visibility="public")
    assert (asked.consent, fresh(recording).state) == ("given", "published")
    # A no to more readers leaves the yes to fewer.
    say(credit, "no", visibility="public")
    assert missing_consents(recording) == []
    say(credit, "yes", visibility="public")
    edited = edit_resource(resource=recording, by=priya, now=NOW, visibility="public")
    assert edited.visibility == "public"
    # The old mail asked for fewer: what was given since stands.
    assert say(credit, "yes", visibility="members").consent_visibility == "public"
    assert missing_consents(fresh(recording)) == []


def test_visibility_widened_while_it_waits_counts_as_well(recording, credit, priya):
    say(credit)
    Resource.objects.filter(pk=recording.pk).update(visibility="public")
    assert [row.pk for row in missing_consents(fresh(recording))] == [credit.pk]
    with pytest.raises(ConsentMissing):
        publish_resource(resource=recording, by=priya, now=NOW)


def test_somebody_without_account_signs_a_form(recording, priya, credit):
    guest = add_credit(resource=recording, part="story", name=" Elder ʔa ", by=priya, now=NOW)
    assert guest.who == "Elder ʔa"
    with pytest.raises(CreditRefused, match="no account"):
        ask_consent(credit=guest, by=priya, now=NOW)
    with pytest.raises(CreditRefused, match="where it is kept"):
        note_consent(credit=guest, by=priya, note=" ", now=NOW)
    noted = note_consent(credit=guest, by=priya, note="Signed form of 3 May", now=NOW)
    assert (noted.consent, noted.consent_visibility) == ("given", "members")
    with pytest.raises(CreditRefused, match="has an account"):
        note_consent(credit=credit, by=priya, note="said so", now=NOW)
    assert withdraw_consent(credit=guest, by=priya, now=NOW).consent == "withdrawn"


def test_nobody_is_listed_twice_and_somebody_is_listed(recording, credit, priya, speaker):
    again = add_credit(resource=recording, part="speaker", person=speaker, by=priya, now=NOW)
    assert again == credit
    with pytest.raises(CreditRefused):
        add_credit(resource=recording, part="speaker", name="  ", by=priya, now=NOW)


def test_the_name_is_only_theirs_to_put_on(recording, credit, priya):
    assert say(credit, "unnamed").is_named is False
    with pytest.raises(CreditRefused, match="without the name"):
        change_credit(credit=credit, by=priya, is_named=True)
    remove_credit(credit=credit, by=priya)
    with pytest.raises(CreditRefused, match="not in it any more"):
        say(credit)


def test_named_are_those_who_agreed_to_these_readers(community, priya):
    shown = make_resource(community, visibility="public")
    rows = [("Ann", "public", "given", True), ("Bo", "members", "given", True),
            ("Cy", "public", "asked", True), ("Di", "public", "given", False)]  # fmt: skip
    for name, audience, consent, is_named in rows:
        shown.credits.create(
            part="author", person=make_person(name), consent=consent,
            consent_visibility=audience, is_named=is_named,
        )  # fmt: skip
    assert named_people(shown) == ["Ann"]


def test_one_reminder_after_a_week(credit, priya):
    ask_consent(credit=credit, by=priya, now=NOW)
    assert remind_unanswered(now=NOW + 6 * DAY) == 0
    assert remind_unanswered(now=NOW + 8 * DAY) == 1
    assert remind_unanswered(now=NOW + 9 * DAY) == 0
    assert remind_unanswered(now=NOW + 40 * DAY) == 0
    assert mails("consent_reminder").count() == 1


def test_a_paused_community_reminds_nobody(credit, priya, community):
    ask_consent(credit=credit, by=priya, now=NOW)
    type(community).objects.filter(pk=community.pk).update(status="paused")
    assert remind_unanswered(now=NOW + 8 * DAY) == 0


def test_no_reminder_after_an_answer(credit, priya):
    ask_consent(credit=credit, by=priya, now=NOW)
    say(credit, "no")
    assert remind_unanswered(now=NOW + 8 * DAY) == 0


def test_history_names_nobody(credit, priya, speaker):
    ask_consent(credit=credit, by=priya, now=NOW)
    say(credit)
    actions = [row.action for row in AuditEvent.objects.order_by("pk")]
    assert actions[-3:] == [
        "library.credit_added", "library.consent_asked", "library.consent_given"
    ]  # fmt: skip
    assert all("Sam" not in row.reason + row.new + row.old for row in AuditEvent.objects.all())


@pytest.mark.django_db(transaction=True)
def test_yes_and_publishing_at_one_moment(recording, credit, priya):
    """The one waits for the other: never is it shown with a no in it."""
    say(credit)

    def work(number: int) -> None:
        with closing(connection):
            if number % 2 == 0:
                withdraw_consent(credit=credit, now=NOW)
                return
            # Too late, or published twice.
            with suppress(ActionError):
                publish_resource(resource=recording, by=priya, now=NOW)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    row = fresh(recording)
    assert fresh(credit).consent == "withdrawn"
    assert row.state == "in_review"
    assert AuditEvent.objects.filter(action="library.consent_withdrawn").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_one_moment(recording, credit):
    def work(_number: int) -> None:
        with closing(connection):
            say(credit)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert fresh(credit).consent == "given"
    assert AuditEvent.objects.filter(action="library.consent_given").count() == 1

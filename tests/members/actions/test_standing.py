"""A year walked day by day: the dates that the rules say, and nothing on any other day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from members.actions.affiliations import confirm_affiliation, end_affiliation
from members.actions.confirmations import answer_confirmation
from members.actions.memberships import suspend_membership
from members.actions.standing import keep_standing
from members.models import Affiliation, Evidence, Membership, MembershipConfirmation, User
from outbox.actions import find_mailing_list, update_subscriptions
from outbox.models import Delivery, Subscription
from tests.factories import make_member, make_organization, make_person, make_staff

VANCOUVER = ZoneInfo("America/Vancouver")


def noon(day):
    return datetime(day.year, day.month, day.day, 12, tzinfo=VANCOUVER)


def days(first, last):
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def walk(first, last):
    """Every day at noon."""
    for day in days(first, last):
        keep_standing(now=noon(day))


def mails():
    return list(Delivery.objects.order_by("pk").values_list("kind", "key"))


@pytest.fixture
def house(community):
    house = make_organization("Cedar Lantern")
    Evidence.objects.create(
        organization=house,
        criterion=community.criteria.get(),
        state="verified",
        submitted_at=noon(date(2026, 4, 2)),
        checked_at=noon(date(2026, 4, 3)),
        valid_to=date(2027, 3, 31),
    )
    return house


@pytest.fixture
def member(community, house):
    return make_member(community, "Dani", organization=house)


@pytest.fixture
def contact(community, house):
    person = make_person("Joan Contact")
    Affiliation.objects.create(
        person=person, organization=house, state="confirmed", is_contact=True
    )
    return person


def standing(person):
    return person.memberships.get()


class Diary:
    """What changed on which day of a walk."""

    def __init__(self, *rows):
        self.rows, self.days = rows, {}

    def walk(self, first, last):
        seen = self._look()
        mail = set(Delivery.objects.values_list("key", flat=True))
        for day in days(first, last):
            keep_standing(now=noon(day))
            now = self._look()
            new = set(Delivery.objects.values_list("key", flat=True)) - mail
            if new or now != seen:
                # The clock may come twice: nothing happens twice.
                keep_standing(now=noon(day))
                assert set(Delivery.objects.values_list("key", flat=True)) == mail | new
            kinds = sorted(Delivery.objects.filter(key__in=new).values_list("kind", flat=True))
            told = [*(state for state, was in zip(now, seen, strict=True) if state != was), *kinds]
            if told:
                self.days[day] = told
            seen, mail = now, mail | new
        return self.days

    def _look(self):
        return [type(row).objects.get(pk=row.pk).state for row in self.rows]


def test_registry_evidence_of_31_march_gives_the_dates_of_the_rules(house, member, contact):
    evidence, membership = Evidence.objects.get(), standing(member)
    Membership.objects.update(joined_on=date(2027, 3, 1))

    diary = Diary(evidence, membership).walk(date(2027, 1, 1), date(2027, 6, 30))

    assert diary == {
        # 60, 30 and 7 days before the last day, then the day after it (E3).
        date(2027, 1, 30): ["expiring", "evidence_expiring"],
        date(2027, 3, 1): ["evidence_expiring"],
        date(2027, 3, 24): ["evidence_expiring"],
        date(2027, 4, 1): ["expired", "grace", "evidence_expired"],
        # Members hear of it in the last fourteen days only.
        date(2027, 5, 16): ["membership_grace"],
        date(2027, 5, 30): ["lapsed", "membership_lapsed"],
    }
    membership.refresh_from_db()
    assert (membership.ended_on, membership.end_reason) == (date(2027, 5, 30), "evidence ended")


def test_a_standstill_of_a_month_changes_states_and_sends_each_step_once(house, member, contact):
    Membership.objects.update(joined_on=date(2027, 3, 1))
    evidence, membership = Evidence.objects.get(), standing(member)

    diary = Diary(evidence, membership).walk(date(2027, 3, 27), date(2027, 3, 28))
    assert diary == {date(2027, 3, 27): ["expiring", "evidence_expiring"]}
    diary = Diary(evidence, membership).walk(date(2027, 6, 15), date(2027, 6, 16))
    # Told late, but not of what ended long ago; the lapse is told.
    assert diary == {
        date(2027, 6, 15): ["expired", "lapsed", "membership_lapsed"],
    }


def test_renewed_evidence_restores_without_a_new_application(house, member, contact):
    Membership.objects.update(joined_on=date(2027, 3, 1))
    walk(date(2027, 3, 30), date(2027, 4, 20))
    assert standing(member).state == "grace"
    assert standing(member).grace_until == date(2027, 5, 30)

    Evidence.objects.create(
        organization=house,
        criterion=Evidence.objects.get().criterion,
        state="verified",
        submitted_at=noon(date(2027, 4, 20)),
        checked_at=noon(date(2027, 4, 20)),
        valid_to=date(2028, 3, 31),
    )
    walk(date(2027, 4, 21), date(2027, 6, 30))

    row = standing(member)
    assert (row.state, row.grace_until, row.grace_ground) == ("active", None, "")
    assert not Delivery.objects.filter(kind__in=["membership_grace", "membership_lapsed"]).exists()


def test_newer_evidence_before_the_end_means_no_notice_and_no_grace(house, member, contact):
    Membership.objects.update(joined_on=date(2027, 3, 1))
    Evidence.objects.create(
        organization=house,
        criterion=Evidence.objects.get().criterion,
        state="verified",
        submitted_at=noon(date(2027, 1, 20)),
        checked_at=noon(date(2027, 1, 20)),
        valid_to=date(2028, 3, 31),
    )

    walk(date(2027, 1, 25), date(2027, 4, 10))

    assert standing(member).state == "active"
    assert mails() == []


def test_last_affiliation_ended_gives_ninety_days_and_a_friendly_question(house, member):
    affiliation = member.affiliations.get()
    end_affiliation(
        affiliation=affiliation, by=None, now=noon(date(2026, 6, 1)), ended_on=date(2026, 6, 1)
    )

    row = standing(member)
    assert (row.state, row.grace_until, row.grace_ground) == (
        "grace", date(2026, 8, 30), "affiliation",
    )  # fmt: skip
    assert [kind for kind, _key in mails()] == ["membership_moved"]
    diary = Diary(row).walk(date(2026, 6, 2), date(2026, 9, 10))
    assert diary == {date(2026, 8, 30): ["lapsed", "membership_lapsed"]}


def test_new_affiliation_restores_at_once(house, member):
    end_affiliation(affiliation=member.affiliations.get(), by=None, now=noon(date(2026, 6, 1)))
    tie = Affiliation.objects.create(person=member, organization=house, state="claimed")

    confirm_affiliation(affiliation=tie, by=None, method="reviewer", now=noon(date(2026, 6, 3)))

    assert standing(member).state == "active"
    tie.refresh_from_db()
    assert (tie.state, tie.confirmed_by) == ("confirmed", "reviewer")


def test_allies_and_invited_people_rest_on_nothing(community, house):
    ally = make_member(community, "Ally", category="ally", organization=house)
    guest = make_member(community, "Invited", organization=house)
    Membership.objects.filter(person=guest).update(basis="invitation")
    Membership.objects.update(joined_on=date(2027, 3, 1))

    walk(date(2027, 3, 30), date(2027, 4, 3))

    assert {standing(ally).state, standing(guest).state} == {"active"}


def test_evidence_under_challenge_counts_until_its_last_day(house, member):
    Evidence.objects.update(state="under_challenge")
    Membership.objects.update(joined_on=date(2027, 3, 1))

    walk(date(2027, 3, 30), date(2027, 3, 31))
    assert standing(member).state == "active"
    walk(date(2027, 4, 1), date(2027, 4, 1))
    assert standing(member).state == "grace"


def test_lapsing_stops_the_mail_of_the_community(community, house, member):
    update_subscriptions(
        person=member, scope=community.public_id, kinds={"newsletter"}, source="test",
        now=noon(date(2026, 6, 1)),
    )  # fmt: skip
    Membership.objects.update(
        state="grace", grace_until=date(2026, 7, 1), grace_ground="affiliation"
    )
    Affiliation.objects.update(state="ended", ended_on=date(2026, 4, 2))

    walk(date(2026, 7, 1), date(2026, 7, 1))

    assert standing(member).state == "lapsed"
    listing = find_mailing_list(community.public_id, "newsletter")
    assert Subscription.objects.get(person=member, mailing_list=listing).state == "unsubscribed"


def test_suspension_ends_by_itself_after_its_day(community, house, member, priya):
    suspend_membership(
        membership=standing(member), by=priya, until=date(2026, 6, 20), reason="We need to talk.",
        now=noon(date(2026, 6, 1)),
    )  # fmt: skip

    diary = Diary(standing(member)).walk(date(2026, 6, 2), date(2026, 6, 30))

    assert diary == {date(2026, 6, 20): ["active", "membership_suspension_ended"]}


def test_year_of_confirmations(community, house, member):
    """April: the question; two reminders; then unconfirmed; after a silent year lapsed (2.7)."""
    Evidence.objects.update(valid_to=None)
    User.objects.update(last_seen_on=date(2027, 3, 1))
    row = standing(member)

    diary = Diary(row).walk(date(2027, 3, 30), date(2028, 4, 10))

    assert {day: told for day, told in diary.items() if day < date(2028, 3, 31)} == {
        date(2027, 4, 1): ["renewal_confirm"],
        date(2027, 4, 15): ["renewal_confirm"],
        date(2027, 4, 29): ["renewal_confirm"],
    }
    # 2028 is a leap year: 365 days after the question of 1 April 2027.
    assert diary[date(2028, 3, 31)] == ["lapsed", "membership_lapsed"]


@pytest.mark.parametrize(("answer", "unconfirmed"), [("yes", False), ("", True)])
def test_answer_keeps_a_membership_confirmed(community, house, member, answer, unconfirmed):
    Evidence.objects.update(valid_to=None)
    walk(date(2027, 4, 1), date(2027, 4, 2))
    if answer:
        confirmation = MembershipConfirmation.objects.get()
        answer_confirmation(confirmation=confirmation, answer=answer, now=noon(date(2027, 4, 3)))

    walk(date(2027, 4, 4), date(2027, 5, 20))

    assert standing(member).is_unconfirmed is unconfirmed
    assert Delivery.objects.filter(kind="renewal_confirm").count() == (1 if answer else 3)


def test_somebody_who_came_by_is_not_let_go(community, house, member):
    Evidence.objects.update(valid_to=None)
    walk(date(2027, 4, 1), date(2027, 4, 1))
    User.objects.filter(pk=member.pk).update(last_seen_on=date(2028, 1, 5))

    Diary(standing(member)).walk(date(2028, 3, 28), date(2028, 3, 31))

    assert standing(member).state == "active"


def test_desk_closes_behind_a_role_whose_last_day_has_passed(community):
    person = make_staff(community, "librarian")
    person.role_grants.update(ends_on=date(2026, 5, 31))

    keep_standing(now=datetime(2026, 5, 31, 12, tzinfo=UTC))
    person.refresh_from_db()
    assert person.is_staff
    keep_standing(now=datetime(2026, 6, 1, 12, tzinfo=UTC))
    person.refresh_from_db()
    assert not person.is_staff


def test_queries_do_not_grow_with_people_who_stay(community, house, django_assert_max_num_queries):
    for number in range(25):
        make_member(community, f"Member {number}", organization=house)
    now = noon(date(2026, 11, 1))
    keep_standing(now=now)

    with django_assert_max_num_queries(44):
        keep_standing(now=now)

"""What the tests of appeals share: a declined application and people for a panel."""

from types import SimpleNamespace
from typing import Any

from members.actions import decline_application
from members.actions.appeals import open_appeal
from members.actions.panels import cast_vote, seat_person
from members.models import Appeal, Community, MembershipApplication, RoleGrant, User
from tests.factories import NOW, make_member


def decline(application: MembershipApplication, by: User, now: Any = NOW) -> MembershipApplication:
    decline_application(
        application=application, by=by, seen_version=application.version, now=now,
        message="No register lists it.", reason_codes=["NO_CRITERION_MET"],
    )  # fmt: skip
    application.refresh_from_db()
    return application


def make_appeal(application: MembershipApplication, **changes: Any) -> Appeal:
    values = {"ground": "new_evidence", "text": "A letter came.", "now": NOW} | changes
    return open_appeal(application=application, person=application.person, **values)


def core(community: Community, name: str) -> User:
    person = make_member(community, name)
    RoleGrant.objects.create(
        community=community, person=person, role="core_group", starts_on="2026-04-01"
    )
    return person


def sit(appeal: Appeal, by: User, *people: User) -> None:
    for person in people:
        seat_person(appeal=appeal, person=person, by=by, now=NOW)


def vote(appeal: Appeal, **votes: str) -> None:
    """`vote(appeal, Rosa="uphold")`: by the first name of the person."""
    people = {seat.person.get_short_name(): seat.person for seat in appeal.seats.all()}
    for name, word in votes.items():
        cast_vote(appeal=appeal, person=people[name], vote=word, now=NOW)


def panel(community: Community, appeal: Appeal, by: User) -> SimpleNamespace:
    """Two of the core group, seated."""
    people = SimpleNamespace(rosa=core(community, "Rosa Core"), tom=core(community, "Tom Core"))
    sit(appeal, by, people.rosa, people.tom)
    return people

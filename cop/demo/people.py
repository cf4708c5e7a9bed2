"""The named people of the demo join as anybody joins: they apply and are decided about."""

import random
from datetime import date, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.utils import timezone
from django.utils.text import slugify

from cop.demo.dates import DemoCalendar, at
from cop.demo.papers import draw_paper
from members.actions import (
    approve_application,
    decline_application,
    grant_role,
    request_information,
    submit_application,
)
from members.models import (
    Affiliation,
    Community,
    MembershipApplication,
    Organization,
    User,
)

APPLYING_AS = {
    "academic": "ally_researcher",
    "government": "ally_government",
    "funder": "ally_government",
    "peer_network": "ally_peer",
}
ALL_LISTS = {"newsletter", "weekly_digest", "invitations", "ballots"}
ASKED = (
    "Thank you for applying. The registry lists another street for Moss Stair than the one you "
    "gave. Did the house move? Please send the new registration, or tell us which address is "
    "right. Until then you are welcome at our open meetings."
)
DECLINED = (
    "Thank you for your patience. A society number tells us that your society exists; the "
    "criterion is a registration with the Assisted Living Registry, and the house is not on it "
    "yet. If your registration is under way, send us the registry's letter and apply again. Our "
    "public library and open meetings are yours as well."
)


def make_person(name: str, email: str, *, zone: str = "America/Vancouver", **fields: Any) -> User:  # noqa: ANN401
    person = User.objects.create_user(email, display_name=name, timezone=zone, **fields)
    EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=True)
    return person


def address_of(row: dict[str, Any], organization: Organization) -> str:
    domain = organization.domains[0] if organization.domains else "people.example"
    return f"{row['key']}@{domain}"


def zone_of(organization: Organization) -> str:
    site = organization.sites.first()
    return site.timezone if site else "America/Vancouver"


def make_people(
    community: Community,
    rows: list[dict[str, Any]],
    organizations: dict[str, Organization],
    days: DemoCalendar,
) -> dict[str, User]:
    people = {}
    for row in rows:
        organization = organizations[row["org"]]
        people[row["key"]] = make_person(
            row["name"],
            address_of(row, organization),
            zone=zone_of(organization),
            language=row.get("lang", "en"),
            date_joined=at(days.meeting(1) - timedelta(days=30)),
        )
    for row in rows:
        _affiliate(people[row["key"]], organizations[row["org"]], row, days)
    for row in rows:
        for role in row.get("grants", []):
            grant_role(
                community=community,
                person=people[row["key"]],
                role=role,
                by=None,
                # In force today even where the demo plays in the future.
                now=min(at(days.meeting(1) - timedelta(days=25)), timezone.now()),
            )
    for number, row in enumerate(rows):
        _join(community, row, people, organizations[row["org"]], days, number)
    return people


def _affiliate(
    person: User, organization: Organization, row: dict[str, Any], days: DemoCalendar
) -> None:
    Affiliation.objects.create(
        person=person,
        organization=organization,
        role_title=row["role"],
        role_group=row.get("group", "other"),
        state=Affiliation.State.CONFIRMED,
        confirmed_by="roster",
        is_contact=row.get("org_contact", False),
        started_on=days.meeting(1) - timedelta(days=200),
    )


def _join(
    community: Community,
    row: dict[str, Any],
    people: dict[str, User],
    organization: Organization,
    days: DemoCalendar,
    number: int,
) -> None:
    story = row.get("application")
    if row["cat"] == "none" and story is None:
        return
    person = people[row["key"]]
    applied = _applied_on(row, days, number, story)
    application = submit_application(
        community=community,
        person=person,
        applying_as=APPLYING_AS.get(organization.kind, "provider"),
        organization=organization,
        criterion=community.criteria.get(code="REGISTERED") if story else None,
        reference="S-0055501" if story == "declined" else organization.name,
        agreement=community.agreements.first(),
        lists=ALL_LISTS,
        role_title=row["role"],
        role_group=row.get("group", "other"),
        now=at(applied),
    )
    _decide(application, people["anneke"], people["priya"], story, at(applied + timedelta(days=2)))


def _applied_on(row: dict[str, Any], days: DemoCalendar, number: int, story: str | None) -> date:
    if story == "declined":
        return days.shifted(date(2026, 10, 19))
    if story == "info_requested":
        return days.shifted(date(2026, 11, 12))
    if row.get("lvl") == "new":
        return days.today - timedelta(days=20)
    return days.meeting(1) - timedelta(days=20 - number % 10)


def _decide(
    application: MembershipApplication,
    anneke: User,
    priya: User,
    story: str | None,
    now: datetime,
) -> None:
    application.refresh_from_db()
    if not application.is_open:
        return
    shared = {"application": application, "by": anneke, "seen_version": application.version}
    if story == "declined":
        decline_application(**shared, message=DECLINED, reason_codes=["NO_CRITERION_MET"], now=now)
    elif story == "info_requested":
        request_information(**shared, message=ASKED, reason_codes=["ADDRESS_MISMATCH"], now=now)
    else:
        approve_application(**shared | {"by": priya}, now=now)


def make_waiting_applications(
    community: Community, organizations: list[Organization], days: DemoCalendar, rng: random.Random
) -> None:
    """Those that wait at the desk today: fresh ones, and one that is overdue."""
    names = [
        ("Noor Hallström", 1),
        ("Jean-François Côté", 2),
        ("Sky Whitford", 5),
        ("Ana Ñíguez", 13),
    ]
    criteria = list(community.criteria.filter(is_active=True).order_by("position"))
    for number, (name, age) in enumerate(names):
        person = make_person(name, f"{slugify(name.split()[0])}.{number}@people.example")
        house = f"{name.split()[-1]} House Recovery Society"
        submit_application(
            community=community,
            person=person,
            applying_as="provider",
            proposed_name=house,
            proposed_city=rng.choice(["Quesnel", "Penticton", "Courtenay", "Chilliwack"]),
            criterion=criteria[number % len(criteria)],
            reference=f"{house}, as listed",
            document=draw_paper("licence.png", house, "Class: as listed") if number == 0 else None,
            agreement=community.agreements.first(),
            lists={"newsletter"} if number % 2 else set(),
            role_title="night support worker",
            motivation="I would like to hear how other houses handle the quiet hours.",
            now=days.now - timedelta(days=age),
        )

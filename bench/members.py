"""What the long lists of members cost: 10,000 members and 2,000 organizations.

    make bench ARGS=members

CPU of this process as a ratio of the bare page of the same run (three queries, twenty rows), and
beside it the milliseconds that the database took, which that ratio does not see.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

from bench.services import own_services

MEMBERS, ORGANIZATIONS, APPLICATIONS, MEETINGS = 10_000, 2_000, 300, 30
FIRST = ("Zoë", "Ana", "Ngozi", "Lars", "Mei", "ʔakisq̓nuk", "Femi", "Beth", "Omar", "Inès")
LAST = ("Théberge", "Lindqvist", "Achebe-Roy", "Kowalchuk", "Sorrell", "Ørsted", "Côté")
CITIES = ("Nelson", "Creston", "Kelowna", "Surrey", "Victoria", "Prince George", "Terrace")


def main() -> None:
    with own_services():
        import django

        django.setup()
        from django.core.management import call_command

        from bench.measuring import GOAL, print_rows

        call_command("migrate", verbosity=0)
        people = _fill()
        over = print_rows(_pages(*people))
        print(f"over {GOAL:.0f} x bare: {', '.join(over)}" if over else "all within the goal")


def _fill() -> tuple[Any, Any]:
    """A coordinator and a member of a community of that size."""
    from django.db import connection
    from django.utils import timezone

    from members.models import Community, ParticipationAgreement, RoleGrant

    now = timezone.now()
    community = Community.objects.create(
        slug="bench", name="Bench", short_name="Bench", status="open", purpose="We learn.",
        languages=["en"], contact_email="hello@bench.example",
    )  # fmt: skip
    ParticipationAgreement.objects.create(
        community=community, version=1, lines=["Ask first."], published_on=now.date()
    )
    houses = _houses(community, now)
    people = _people(community, houses, now)
    staff = people[0]
    RoleGrant.objects.create(
        community=community, person=staff, role="coordinator", starts_on=date(2026, 4, 1)
    )
    type(staff).objects.filter(pk=staff.pk).update(is_staff=True)
    _profiles(community, people)
    _applications(community, houses, now)
    _meetings(community)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return staff, people[1]


def _houses(community: Any, now: Any) -> list[Any]:  # noqa: ANN401
    from members.models import Criterion, Evidence, Organization, Site

    criterion = Criterion.objects.create(
        community=community, code="REGISTERED", label="Registered", help_text="A register.",
        reference_label="Name of the residence",
    )  # fmt: skip
    houses = Organization.objects.bulk_create(
        Organization(
            name=f"Maison de l'espérance {number}", city=CITIES[number % 7],
            domains=[f"house{number}.example"], phone=f"250 555 {number:04d}",
        )
        for number in range(ORGANIZATIONS)
    )  # fmt: skip
    Site.objects.bulk_create(
        Site(
            organization=house, name=house.name, city=house.city, region="interior",
            address=f"{number} Quiet Street", services=["supportive_recovery"], beds=12,
            shows_city=number % 9 != 0,
        )
        for number, house in enumerate(houses)
    )  # fmt: skip
    Evidence.objects.bulk_create(
        Evidence(
            organization=house, criterion=criterion, reference=house.name, state="verified",
            submitted_at=now, checked_at=now, check_method="public_register",
            valid_to=now.date() + timedelta(days=200),
        )
        for house in houses
    )  # fmt: skip
    return houses


def _users(word: str, count: int) -> list[Any]:
    from members.models import User

    rows = (
        User(
            email=f"{word}{number}@host{number % 200}.example",
            display_name=f"{FIRST[number % 10]} {LAST[number % 7]} {number}",
        )
        for number in range(count)
    )
    return User.objects.bulk_create(rows, batch_size=2000)


def _people(community: Any, houses: list[Any], now: Any) -> list[Any]:  # noqa: ANN401
    from members.models import Affiliation, Membership

    people = _users("member", MEMBERS)
    Affiliation.objects.bulk_create(
        (
            Affiliation(
                person=person, organization=houses[number % ORGANIZATIONS], state="confirmed",
                role_title="Night shift", confirmed_by="roster", confirmed_at=now,
                is_contact=number < ORGANIZATIONS,
            )
            for number, person in enumerate(people)
        ),
        batch_size=2000,
    )  # fmt: skip
    Membership.objects.bulk_create(
        (
            Membership(
                community=community, person=person, joined_on=date(2026, 4, 1),
                category="ally" if number % 10 == 9 else "member",
            )
            for number, person in enumerate(people)
        ),
        batch_size=2000,
    )  # fmt: skip
    return people


def _profiles(community: Any, people: list[Any]) -> None:  # noqa: ANN401
    from django.db.models import F, Value
    from django.db.models.functions import Concat

    from members.models import DirectoryProfile, User
    from members.models.organizations import Fold

    DirectoryProfile.objects.bulk_create(
        (
            DirectoryProfile(
                community=community, person=person, is_listed=True, shows_role=True,
                shows_organization=True, shows_region=True, shows_languages=True,
                takes_messages=True, languages=["English", "français"],
                ask_me_about="nights without staff", search_text=person.display_name,
            )
            for person in people
        ),
        batch_size=2000,
    )  # fmt: skip
    words = Fold(Concat(F("search_text"), Value(" Night shift nights without staff English")))
    DirectoryProfile.objects.update(search_text=words)
    assert User.objects.count() == len(people)


def _applications(community: Any, houses: list[Any], now: Any) -> None:  # noqa: ANN401
    from members.models import Evidence, MembershipApplication

    rows = MembershipApplication.objects.bulk_create(
        MembershipApplication(
            community=community, person=person, organization=houses[number],
            agreement=community.agreements.get(), submitted_at=now - timedelta(days=number % 9),
            due_on=now.date() + timedelta(days=number % 9 - 4),
        )
        for number, person in enumerate(_users("newcomer", APPLICATIONS))
    )  # fmt: skip
    criterion = community.criteria.get()
    Evidence.objects.bulk_create(
        Evidence(
            organization=row.organization, criterion=criterion, application=row,
            reference="Maison", submitted_by=row.person, submitted_at=now,
        )
        for row in rows
    )  # fmt: skip


def _meetings(community: Any) -> None:  # noqa: ANN401
    """The rows of the bare page, which is that of `make bench`."""
    from datetime import time

    from meetings.models import Meeting

    for number in range(MEETINGS):
        meeting = Meeting(
            community=community, title="A good night's work", duration=90, state="scheduled",
            local_date=date(2027, 1, 7) + timedelta(days=7 * number), local_time=time(10),
            timezone="America/Vancouver",
        )  # fmt: skip
        meeting.derive_instants()
        meeting.save(force_insert=True)


def _pages(staff: Any, member: Any) -> Iterator[tuple[str, Callable[[], None]]]:  # noqa: ANN401
    from bench.bare import bare_page
    from bench.pages import get_page

    yield "bare list: 3 queries, 20 rows", bare_page(member)
    desk, browser = _desk_browser(staff), _browser(member)
    # What every page has around it: session, person, community, menus; an empty list inside.
    yield "frame alone, desk", partial(get_page, desk, "/desk/members/partner/")
    yield "frame alone, member", partial(get_page, browser, "/bench/newsletter/")
    places = {
        "review queue": "/desk/members/membershipapplication/",
        "member list": "/desk/members/membership/",
        "member list, search": "/desk/members/membership/?q=theberge",
        "organization list": "/desk/members/organization/",
        "organization list, search": "/desk/members/organization/?q=esperance",
    }
    for name, path in places.items():
        yield f"{name}, desk", partial(get_page, desk, path)
    places = {
        "directory": "/bench/directory/",
        "directory, theberge": "/bench/directory/?q=theberge",
        "directory, ʔa": "/bench/directory/?q=ʔa",
        "community page": "/bench/",
    }
    for name, path in places.items():
        yield f"{name}, member", partial(get_page, browser, path)


def _browser(person: Any) -> Any:  # noqa: ANN401
    from django.test import Client

    client = Client()
    client.force_login(person)
    return client


def _desk_browser(person: Any) -> Any:  # noqa: ANN401
    """Staff who have passed the second factor."""
    client = _browser(person)
    session = client.session
    session["account_authentication_methods_user"] = str(person.pk)
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": 0}]
    session.save()
    return client

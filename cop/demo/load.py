"""The demo communities, made by the actions the product itself uses. Sends no mail of the past."""

import random
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from cop.demo import (
    belonging,
    communities,
    crowd,
    desk_work,
    gatherings,
    newsletters,
    shelf,
    topics,
)
from cop.demo.cast import STARTERS
from cop.demo.dates import DemoCalendar
from cop.demo.organizations import make_organizations
from cop.demo.people import (
    make_people,
    make_person,
    make_waiting_applications,
)
from members.actions import grant_role
from members.models import Affiliation, Community, Membership, Organization, User
from outbox.models import Delivery

FIXTURES = Path(__file__).parent / "fixtures"
SEED = 20261122


def read(name: str) -> Any:  # noqa: ANN401  YAML
    return yaml.safe_load((FIXTURES / name).read_text(encoding="utf-8"))


@transaction.atomic
def load_demo(*, today: date) -> None:
    """Everything, as it would stand on `today`. One transaction: all of it or nothing."""
    texts = yaml.safe_load((FIXTURES.parent / "texts.yaml").read_text(encoding="utf-8"))
    data = read("every_door.yaml")
    days = DemoCalendar(
        today=today,
        written_as_of=data["as_of"],
        written_meetings=tuple(row["date"] for row in data["meetings"]),
    )
    rng = random.Random(SEED)  # noqa: S311  dice for a demo
    _every_door(data, texts, days, rng)
    for raw in read("social.yaml")["communities"]:
        _social(raw, texts, days)
    newcomer = STARTERS["newcomer"]
    make_person(newcomer.name, newcomer.email)
    # What happened before today was told then. Nothing of it leaves now.
    Delivery.objects.all().delete()


def _every_door(
    data: dict[str, Any], texts: dict[str, Any], days: DemoCalendar, rng: random.Random
) -> None:
    community = communities.make_every_door(data, texts, days)
    organizations = make_organizations(community, data["organizations"], days)
    communities.make_partners(community, data["partners"], organizations)
    people = make_people(community, data["people"], organizations, days)
    desk_work.end_what_is_over(community, people, days)
    generator = data["generator"]
    houses = crowd.fill_organizations(community, texts, generator, days, rng)
    crowd.fill_members(community, houses, texts, generator, days, rng)
    make_waiting_applications(community, houses, days, rng)
    belonging.make_directory(community, people, days)
    belonging.make_mentorships(community, people, days)
    desk_work.make_desk_work(community, people, organizations, houses, days)
    series = gatherings.make_series(community, data["series"])
    meetings = gatherings.make_meetings(
        community, series, data["meetings"], people, texts, days, rng
    )
    gatherings.make_answers(meetings[8], people, days, rng)
    topics.make_topics(community, data, people, meetings, days, rng)
    papers = read("papers.yaml")
    rows = [*data["resources"], *papers["papers"]]
    librarian = people["tomasz"]
    resources = shelf.make_resources(
        community, rows, librarian, texts, days, meetings, papers["transcripts"]
    )
    shelf.make_use(resources, papers["uses"], people, days)
    shelf.make_collections(community, resources, papers["collections"], librarian)
    newsletters.make_issues(community, data["newsletters"], people, texts, days)
    newsletters.let_organizations_be_named(community)


def _social(raw: dict[str, Any], texts: dict[str, Any], days: DemoCalendar) -> None:
    names = [raw["host"], *raw["organizations"]]
    organizations = {
        name: Organization.objects.get_or_create(name=name, defaults={"kind": "other"})[0]
        for name in names
    }
    community = communities.make_social(raw, texts, organizations[raw["host"]])
    people = _social_people(community, raw, organizations, days)
    gatherings.make_social_meetings(community, raw, people[0], texts, days)
    shelf.make_resources(community, raw["resources"], people[0], texts, days)


def _social_people(
    community: Community,
    raw: dict[str, Any],
    organizations: dict[str, Organization],
    days: DemoCalendar,
) -> list[User]:
    people = []
    for row in raw["people"]:
        email = f"{slugify(row['name'].split()[0])}@{community.slug}.example"
        person = make_person(
            row["name"], email, zone=community.timezone, language=row.get("lang", "en")
        )
        Affiliation.objects.create(
            person=person,
            organization=organizations[row["org"]],
            role_title=row["role"],
            state=Affiliation.State.CONFIRMED,
            confirmed_by="roster",
        )
        people.append(person)
    for role in ("coordinator", "editor", "librarian"):
        grant_role(
            community=community,
            person=people[0],
            role=role,
            by=None,
            now=min(days.now, timezone.now()),
        )
    for person in people[1:]:
        Membership.objects.create(
            community=community, person=person, joined_on=days.shifted(date(2026, 9, 1))
        )
    return people

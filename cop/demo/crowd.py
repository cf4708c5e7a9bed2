"""Everybody else: filled up to the size of the real thing from a seeded dice, by rows at once."""

import random
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.utils.text import slugify

from cop.demo.dates import DemoCalendar, at
from cop.demo.organizations import REGIONS, make_evidence
from members.models import Affiliation, Community, Evidence, Membership, Organization, Site, User
from outbox.addresses import address_hash
from outbox.models import Consent, MailingList, Subscription
from outbox.wordings import BOXES


def weighted(rng: random.Random, shares: dict[str, float]) -> str:
    return rng.choices(list(shares), weights=list(shares.values()))[0]


def fill_organizations(
    community: Community,
    texts: dict[str, Any],
    generator: dict[str, Any],
    days: DemoCalendar,
    rng: random.Random,
) -> list[Organization]:
    """Service providers up to the wanted number of eligible ones."""
    criteria = {criterion.code: criterion for criterion in community.criteria.all()}
    good = Evidence.COUNTING_STATES
    have = (
        Organization.objects.filter(evidence__criterion__community=community)
        .filter(evidence__state__in=good)
        .distinct()
        .count()
    )
    made = []
    for row in texts["organizations"][: generator["eligible_organizations_total"] - have]:
        organization = Organization.objects.create(
            name=row["name"], city=row["city"], domains=[f"{slugify(row['name'])}.example"]
        )
        Site.objects.create(
            organization=organization,
            name=row["name"],
            city=row["city"],
            region=str(REGIONS[row["region"]]),
            services=["supportive_recovery"],
            beds=rng.randint(6, 24),
        )
        code = weighted(rng, generator["criterion_share"])
        evidence = {"s": "verified", "to": None if code == "LICENSED" else days.registry_end()}
        make_evidence(organization, criteria[code], evidence, days)
        made.append(organization)
    return made


def fill_members(
    community: Community,
    organizations: list[Organization],
    texts: dict[str, Any],
    generator: dict[str, Any],
    days: DemoCalendar,
    rng: random.Random,
) -> None:
    current = community.memberships.filter(state__in=Membership.CURRENT_STATES)
    members = generator["members_active_or_grace"] - current.filter(category="member").count()
    allies = generator["allies"] - current.filter(category="ally").count()
    houses = [rng.choice(organizations) for _ in range(members)]
    # Every house has somebody.
    houses[: len(organizations)] = organizations[:members]
    people = _make_users(texts, generator, members + allies, days, rng)
    lab, _ = Organization.objects.get_or_create(name="Open Kettle Peer Network")
    rows = [*zip(people[:members], houses, strict=True), *((one, lab) for one in people[members:])]
    Affiliation.objects.bulk_create(
        Affiliation(
            person=person,
            organization=house,
            role_group=weighted(rng, generator["role_group_share"]),
            state=Affiliation.State.CONFIRMED,
            confirmed_by="roster",
        )
        for person, house in rows
    )
    Membership.objects.bulk_create(
        Membership(
            community=community,
            person=person,
            category="member" if number < members else "ally",
            joined_on=days.meeting(1) + timedelta(days=rng.randint(0, 200)),
        )
        for number, person in enumerate(people)
    )
    subscribe(community, people, days, rng)


def _make_users(
    texts: dict[str, Any],
    generator: dict[str, Any],
    count: int,
    days: DemoCalendar,
    rng: random.Random,
) -> list[User]:
    nobody_knows = make_password(None)
    first, last = texts["first_names"], texts["surnames"]
    users = []
    for number in range(count):
        name = f"{rng.choice(first)} {rng.choice(last)}"
        users.append(
            User(
                email=f"{slugify(name) or 'person'}.{number}@people.example",
                display_name=name,
                password=nobody_knows,
                language=weighted(rng, generator["language_share"]),
                date_joined=at(days.meeting(1)),
            )
        )
    users = User.objects.bulk_create(users)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, primary=True, verified=True) for user in users
    )
    return users


def subscribe(
    community: Community, people: list[User], days: DemoCalendar, rng: random.Random
) -> None:
    """Nine in ten ticked the newsletter when they joined; the consent is on record."""
    moment = at(days.meeting(1))
    newsletter = MailingList.objects.get(scope=community.public_id, kind="newsletter")
    chosen = [person for person in people if rng.random() < 0.9]
    rows = Subscription.objects.bulk_create(
        Subscription(mailing_list=newsletter, person=person, state="subscribed", changed_at=moment)
        for person in chosen
    )
    Consent.objects.bulk_create(
        Consent(
            subscription=row,
            mailing_list=newsletter,
            address_hash=address_hash(row.person.email),
            given=True,
            wording=BOXES,
            source="joining",
            at=moment,
        )
        for row in rows
    )

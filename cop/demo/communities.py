"""The demo communities themselves: texts, streams, criteria, agreements, partners."""

from typing import Any

from cop.demo.dates import DemoCalendar
from members.actions.communities import create_community
from members.actions.criteria import add_recovery_criteria
from members.models import (
    Community,
    Organization,
    ParticipationAgreement,
    Partner,
    Stream,
)

# Where the invented province keeps its lists.
LISTINGS = {
    "LICENSED": {"check_url": "https://licences.example/facilities"},
    "REGISTERED": {"check_url": "https://registry.example/assisted-living"},
}


def make_every_door(data: dict[str, Any], texts: dict[str, Any], days: DemoCalendar) -> Community:
    raw = data["community"]
    words = texts["communities"][raw["slug"]]
    community = create_community(
        slug=raw["slug"],
        by=None,
        name=raw["name"]["en"],
        name_fr=raw["name"]["fr"],
        short_name="Every Door",
        purpose=words["purpose"],
        purpose_fr=words.get("purpose_fr", ""),
        domain=raw["domain"],
        community=raw["community"],
        practice=raw["practice"],
        status=Community.Status.OPEN,
        lifecycle_stage=raw["lifecycle_stage"],
        admission_policy=raw["admission_policy"],
        allies_allowed=raw["allies_allowed"],
        timezone=raw["timezone"],
        languages=["en", "fr"],
        programme_start=days.meeting(1).replace(day=1),
        newsletter_interval_months=raw["newsletter_interval_months"],
        support_text=words.get("support_text", ""),
        contact_email="hello@everydoor.example",
        postal_address="Tidewater Capacity Network, 100 Example Street, Victoria BC  V8V 0A0",
    )
    ParticipationAgreement.objects.create(
        community=community, version=1, lines=raw["agreement_v1"], published_on=days.meeting(1)
    )
    add_recovery_criteria(community=community, by=None, **LISTINGS)
    for stream in data["streams"]:
        Stream.objects.create(
            community=community,
            kind=stream["kind"],
            name=stream["name"],
            cadence=stream["cadence"],
            features=Stream.FEATURES_OF[stream["kind"]],
        )
    return community


def make_partners(
    community: Community, rows: list[dict[str, str]], organizations: dict[str, Organization]
) -> None:
    Partner.objects.bulk_create(
        Partner(community=community, organization=organizations[row["org"]], role=row["role"])
        for row in rows
    )


def make_social(raw: dict[str, Any], texts: dict[str, Any], host: Organization) -> Community:
    """One of the two communities of social.yaml."""
    words = texts["communities"][raw["slug"]]
    community = create_community(
        slug=raw["slug"],
        by=None,
        name=raw["name"]["en"],
        name_fr=raw["name"]["fr"],
        short_name=raw["name"]["en"].partition(" for ")[0][:40],
        purpose=words["purpose"],
        purpose_fr=words.get("purpose_fr", ""),
        domain=raw["domain"],
        community=raw["community"],
        practice=raw["practice"],
        status=Community.Status.OPEN,
        lifecycle_stage=Community.Stage.MATURING,
        admission_policy=raw["admission_policy"],
        timezone=raw["timezone"],
        languages=raw["languages"],
        contact_email=f"hello@{raw['slug']}.example",
        postal_address=f"{host.name}, 200 Example Avenue, Toronto ON  M5V 0A0",
    )
    ParticipationAgreement.objects.create(
        community=community,
        version=1,
        lines=[
            "We share what did not work as gladly as what did.",
            "Ask before you quote somebody by name.",
            "Share the time. Silence is fine.",
        ],
        published_on="2026-04-01",
    )
    Partner.objects.create(community=community, organization=host, role=Partner.Role.HOST)
    for stream in raw["streams"]:
        Stream.objects.create(
            community=community,
            kind=stream["kind"],
            name=Stream.Kind(stream["kind"]).label,
            cadence=stream["cadence"],
            features=Stream.FEATURES_OF[stream["kind"]],
        )
    return community

"""The demo communities themselves: texts, streams, criteria, agreements, partners."""

from typing import Any

from cop.demo.dates import DemoCalendar
from members.actions.communities import create_community
from members.models import (
    Community,
    Criterion,
    Organization,
    ParticipationAgreement,
    Partner,
    Stream,
)

CRITERIA = [
    {
        "code": "LICENSED",
        "label": "Licensed",
        "label_fr": "Titulaire d’un permis",
        "help_text": "A community care facility licence for substance use treatment, from the "
        "licensing programme of a health authority.",
        "not_enough": "A business licence of your city.",
        "reference_label": "Name of the facility as on the licence, licence number if you have it",
        "check_url": "https://licences.example/facilities",
        "validity": Criterion.Validity.TWELVE_MONTHS,
    },
    {
        "code": "REGISTERED",
        "label": "Registered",
        "label_fr": "Inscrit au registre",
        "help_text": "On the provincial Assisted Living Registry, class supportive recovery.",
        "not_enough": "A society number or a charity number is not a registration in this sense.",
        "reference_label": "Name of the residence, operator and city as on the registry",
        "check_url": "https://registry.example/assisted-living",
        "validity": Criterion.Validity.NEXT_31_MARCH,
        "doubt": Criterion.Doubt.SOCIETY_NUMBER,
        "is_tied_to_address": True,
    },
    {
        "code": "PROV_FUNDED",
        "label": "Provincially funded",
        "label_fr": "Financé par la province",
        "help_text": "A current funding agreement with a health authority, a ministry, or an "
        "organization that passes provincial money on.",
        "not_enough": "Income assistance paid for single residents.",
        "reference_label": "Who funds you, which programme, which period",
    },
    {
        "code": "FED_FUNDED",
        "label": "Federally funded",
        "label_fr": "Financé par le fédéral",
        "help_text": "A current federal funding agreement, or one through the First Nations "
        "Health Authority.",
        "not_enough": "A one-time donation or grant that has ended.",
        "reference_label": "Who funds you, which programme, which period",
    },
]


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
        programme_start=days.meeting(1),
        newsletter_interval_months=raw["newsletter_interval_months"],
        support_text=words.get("support_text", ""),
        contact_email="hello@everydoor.example",
        postal_address="Tidewater Capacity Network, 100 Example Street, Victoria BC  V8V 0A0",
    )
    ParticipationAgreement.objects.create(
        community=community, version=1, lines=raw["agreement_v1"], published_on=days.meeting(1)
    )
    for position, criterion in enumerate(CRITERIA):
        Criterion.objects.create(community=community, position=position, **criterion)
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

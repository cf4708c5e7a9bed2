"""Organizations, sites and evidence of the demo."""

from datetime import date, timedelta
from typing import Any

from cop.demo.dates import DemoCalendar, at
from members.models import Community, Criterion, Evidence, Organization, Site

REGIONS = {label: value for value, label in Site.Region.choices}
FISCAL_YEAR_END = (3, 31)


def make_organizations(
    community: Community, rows: list[dict[str, Any]], days: DemoCalendar
) -> dict[str, Organization]:
    criteria = {criterion.code: criterion for criterion in community.criteria.all()}
    made = {}
    for row in rows:
        sites = row.get("sites", [])
        organization = Organization.objects.create(
            name=row["name"],
            kind=row["kind"],
            city=sites[0]["city"] if sites else "Victoria",
            domains=row.get("domains", []),
            is_indigenous_led=row.get("indigenous_led", False),
            is_regulator_or_funder=row.get("is_regulator_or_funder", False),
        )
        for site in sites:
            _make_site(organization, site)
        for evidence in row.get("e", []):
            make_evidence(organization, criteria[evidence["c"]], evidence, days)
        made[row["key"]] = organization
    return made


def _make_site(organization: Organization, row: dict[str, Any]) -> Site:
    return Site.objects.create(
        organization=organization,
        name=row["n"],
        city=row["city"],
        region=str(REGIONS.get(row["region"], Site.Region.OTHER)),
        timezone=row["tz"],
        services=row["services"],
        beds=row.get("beds"),
        population=row.get("population", ""),
    )


def make_evidence(
    organization: Organization, criterion: Criterion, row: dict[str, Any], days: DemoCalendar
) -> Evidence:
    submitted = days.meeting(1) - timedelta(days=20)
    state = row["s"]
    valid_to = _valid_to(row.get("to"), days)
    if state == "expired" and valid_to and valid_to >= days.today:
        valid_to = days.today - timedelta(days=53)
    checked = state != "submitted"
    return Evidence.objects.create(
        organization=organization,
        criterion=criterion,
        kind=Evidence.Kind.PUBLIC_LISTING,
        reference=f"{organization.name}, {organization.city}",
        issuer=row.get("funder", ""),
        valid_from=submitted,
        valid_to=valid_to,
        # What is over by now held while people joined on it; the clock's own step ends it.
        state="verified" if state == "expired" else state,
        reason_code=row.get("reason", ""),
        submitted_at=at(submitted),
        checked_at=at(submitted + timedelta(days=2)) if checked else None,
        check_method=Evidence.Method.PUBLIC_REGISTER if checked else "",
    )


def _valid_to(written: date | None, days: DemoCalendar) -> date | None:
    if written is None:
        return None
    if (written.month, written.day) == FISCAL_YEAR_END:
        return days.registry_end()
    return days.shifted(written)

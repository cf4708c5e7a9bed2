"""One row of each kind of list, for django-import-export: read here, written out here."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from import_export.fields import Field
from import_export.resources import Resource

from members.actions.imports import widgets
from members.actions.imports.columns import labels_of
from members.models import Affiliation, Membership, Organization, Site

REGIONS = {
    "fraser health": "fraser", "fraser health authority": "fraser", "fha": "fraser",
    "interior health": "interior", "interior health authority": "interior", "iha": "interior",
    "island health": "island", "vancouver island": "island", "vancouver island health": "island",
    "viha": "island", "ile de vancouver": "island",
    "northern health": "northern", "northern health authority": "northern", "nha": "northern",
    "vancouver coastal health": "vancouver_coastal", "vch": "vancouver_coastal",
    "vcha": "vancouver_coastal",
}  # fmt: skip
LANGUAGES = {
    "english": "en", "anglais": "en", "eng": "en", "french": "fr", "francais": "fr", "fra": "fr",
    "fre": "fr",
}  # fmt: skip
# Guests come to one meeting; nobody is one by a list.
CATEGORIES = tuple(
    (one.value, one.label) for one in Membership.Category if one != Membership.Category.GUEST
)


@dataclass
class OrganizationRow:
    number: int = 0
    name: str = ""
    legal_name: str = ""
    kind: str = ""
    city: str = ""
    region: str = ""
    address: str = ""
    services: list[str] = field(default_factory=list)
    beds: int | None = None
    domains: list[str] = field(default_factory=list)
    phone: str = ""
    web: str = ""
    contact_name: str = ""
    contact_email: str = ""


@dataclass
class PersonRow:
    number: int = 0
    name: str = ""
    email: str = ""
    organization: str = ""
    role: str = ""
    role_group: str = ""
    language: str = ""
    category: str = ""
    is_contact: bool | None = None
    member_since: date | None = None


Row = OrganizationRow | PersonRow


def _field(name: str, widget: widgets.Words) -> Field:
    return Field(attribute=name, column_name=name, widget=widget)


class ListResource(Resource):
    """A row is no single record: people, ties and memberships come out of one. So a row is read
    into a plain object here, and the plans decide what it means."""

    kind = ""
    row_type: type[Any]

    class Meta:
        force_init_instance = True
        skip_diff = True
        store_instance = True

    def init_instance(self, row: Any = None) -> Row:  # noqa: ANN401
        return self.row_type(number=row["number"])

    def save_instance(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Nothing is written row by row."""

    def get_export_headers(self, selected_fields: Any = None) -> list[str]:  # noqa: ANN401
        labels = labels_of(self.kind)
        return [labels[name] for name in super().get_export_headers(selected_fields)]


class OrganizationResource(ListResource):
    kind, row_type = "organizations", OrganizationRow

    name = _field("name", widgets.Words(255))
    legal_name = _field("legal_name", widgets.Words(255))
    kind_of = Field(
        attribute="kind", column_name="kind",
        widget=widgets.Choice(tuple(Organization.Kind.choices)),
    )  # fmt: skip
    city = _field("city", widgets.Words(80))
    region = _field("region", widgets.Choice(tuple(Site.Region.choices), REGIONS))
    address = _field("address", widgets.Words(200))
    services = _field("services", widgets.Choices(tuple(Site.Service.choices)))
    beds = _field("beds", widgets.Number(32_767))
    domains = _field("domains", widgets.Domains())
    phone = _field("phone", widgets.Words(40))
    web = _field("web", widgets.Web())
    contact_name = _field("contact_name", widgets.Words(120))
    contact_email = _field("contact_email", widgets.Email())


class PeopleResource(ListResource):
    kind, row_type = "people", PersonRow

    name = _field("name", widgets.Words(120))
    email = _field("email", widgets.Email())
    organization = _field("organization", widgets.Words(255))
    role = _field("role", widgets.Words(120))
    role_group = _field("role_group", widgets.Choice(tuple(Affiliation.RoleGroup.choices)))
    language = _field("language", widgets.Choice(tuple(settings.LANGUAGES), LANGUAGES))
    category = _field("category", widgets.Choice(CATEGORIES))
    is_contact = _field("is_contact", widgets.YesNo())
    member_since = _field("member_since", widgets.Day())


RESOURCES: dict[str, type[ListResource]] = {
    "organizations": OrganizationResource,
    "people": PeopleResource,
}

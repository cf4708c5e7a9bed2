"""The columns of our lists: what they are called, in both languages and in any spelling."""

import unicodedata
from dataclasses import dataclass
from functools import cache

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.actions.imports.texts import TableRefused


@dataclass(frozen=True)
class Column:
    """`also`: what else people call it. Capitals, accents and signs do not count."""

    key: str
    label: str | Promise
    also: str = ""
    is_needed: bool = False


COLUMNS = {
    "organizations": (
        Column(
            "name", gettext_lazy("Name"),
            "organization, organisation, operating name, nom, organisme, nom de l'organisme",
            is_needed=True,
        ),
        Column(
            "legal_name", gettext_lazy("Legal name"),
            "registered name, nom légal, raison sociale, dénomination sociale",
        ),
        Column("kind", gettext_lazy("Kind"), "type, sorte, genre, kind of organization"),
        Column("city", gettext_lazy("City"), "town, ville, municipalité"),
        Column(
            "region", gettext_lazy("Health region"),
            "region, health authority, région, région sanitaire, autorité sanitaire, régie",
        ),
        Column(
            "address", gettext_lazy("Street address"),
            "address, street, adresse, adresse municipale, rue",
        ),
        Column("services", gettext_lazy("Services"), "service, service types, types de services"),
        Column("beds", gettext_lazy("Beds"), "number of beds, lits, nombre de lits, places"),
        Column(
            "domains", gettext_lazy("Mail domains"),
            "domain, domains, email domain, email domains, mail domain, domaine, domaines, "
            "domaine de courriel, domaines de courriel",
        ),
        Column("phone", gettext_lazy("Phone"), "telephone, phone number, tel, téléphone"),
        Column("web", gettext_lazy("Web page"), "website, web site, url, site web, page web, site"),
        Column(
            "contact_name", gettext_lazy("Contact: name"),
            "contact, contact person, contact name, nom du contact, personne-ressource",
        ),
        Column(
            "contact_email", gettext_lazy("Contact: e-mail address"),
            "contact email, contact e-mail, email of contact, courriel du contact, "
            "courriel de la personne-ressource, email, e-mail, courriel",
        ),
    ),
    "people": (
        Column(
            "name", gettext_lazy("Name"),
            "full name, display name, person, nom, nom complet, personne", is_needed=True,
        ),
        Column(
            "email", gettext_lazy("E-mail address"),
            "email, e-mail, mail, email address, courriel, adresse courriel, adresse de courriel",
            is_needed=True,
        ),
        Column(
            "organization", gettext_lazy("Organization"),
            "organisation, workplace, employer, works at, organisme, employeur, lieu de travail",
        ),
        Column(
            "role", gettext_lazy("Role"), "role title, job title, title, position, rôle, poste, "
            "fonction, titre",
        ),
        Column(
            "role_group", gettext_lazy("Kind of role"),
            "role group, group, type de rôle, genre de rôle, groupe",
        ),
        Column("language", gettext_lazy("Language"), "langue"),
        Column("category", gettext_lazy("Category"), "membership, member or ally, catégorie"),
        Column(
            "is_contact", gettext_lazy("Speaks for the organization"),
            "contact, is contact, contact person, personne-ressource, parle pour l'organisme",
        ),
        Column(
            "member_since", gettext_lazy("Member since"),
            "since, joined, joined on, membre depuis, depuis, date d'adhésion",
        ),
    ),
}  # fmt: skip


def labels_of(kind: str) -> dict[str, str]:
    """Key -> heading in the language of the reader, in their order."""
    return {column.key: str(column.label) for column in COLUMNS[kind]}


def fold(text: str) -> str:
    """Small letters without accents and signs: two spellings of one word are the same."""
    flat = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c if c.isalnum() else " " for c in flat if not unicodedata.combining(c))
    return " ".join(letters.split())


@cache
def _names(kind: str) -> dict[str, str]:
    known: dict[str, str] = {}
    for column in COLUMNS[kind]:
        names = [column.key, *column.also.split(",")]
        for language in ("en", "fr"):
            with translation.override(language):
                names.append(str(column.label))
        for name in names:
            known.setdefault(fold(name), column.key)
    return known


def find_columns(cells: list[str], kind: str) -> tuple[dict[str, int], list[str]]:
    """Key -> place, and the headings that we do not know. Raises TableRefused where some lack."""
    names, labels = _names(kind), labels_of(kind)
    found: dict[str, int] = {}
    unknown = []
    for at, cell in enumerate(cells):
        key = names.get(fold(cell))
        if key in found:
            raise TableRefused(
                _("Two columns are called “%(name)s”. Rename or remove one of them.")
                % {"name": labels[key]}
            )
        if key is not None:
            found[key] = at
        elif cell.strip():
            unknown.append(" ".join(cell.split())[:60])
    missing = [labels[one.key] for one in COLUMNS[kind] if one.is_needed and one.key not in found]
    if missing:
        raise TableRefused(
            _(
                "The first row has to say what stands below it, and we miss: %(missing)s. "
                "The headings can be: %(all)s."
            )
            % {"missing": ", ".join(missing), "all": ", ".join(labels.values())}
        )
    return found, unknown

"""Organizations: perhaps known already (O4), known to whom, and whose contact somebody is."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce, Greatest, NullIf, Right, Trim
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cop.core.models import AuditEvent
from members.models import (
    Affiliation,
    Community,
    MembershipApplication,
    Organization,
    Site,
    User,
)
from members.models.organizations import Fold

NEAR_NAME = 0.45
MOST = 5
# In the name of many houses (folded: without accents and capitals): they make no two alike.
COMMON_WORDS = (
    r"\m(the|of|and|for|inc|ltd|society|societies|association|foundation|recovery|treatment|"
    r"supportive|support|services?|house|home|homes|centre|center|program|programme|addictions?|"
    r"community|housing|residence|sober|living|womens?|mens?|"
    r"l|d|la|le|les|de|du|des|et|pour|societe|fondation|retablissement|traitement|soutien|maison|"
    r"programme|dependances?|communaute|logement|femmes|hommes)\M"
)
PHONE_DIGITS = 10
# Mail of millions: it says nothing about where somebody works, and must never confirm a tie (A1).
FREE_MAIL = {
    "aol.com", "fastmail.com", "gmail.com", "gmx.com", "googlemail.com", "hotmail.ca",
    "hotmail.com", "icloud.com", "live.ca", "live.com", "mac.com", "mail.com", "me.com", "msn.com",
    "outlook.com", "pm.me", "proton.me", "protonmail.com", "shaw.ca", "telus.net", "videotron.ca",
    "yahoo.ca", "yahoo.com", "yahoo.fr", "yandex.com", "zoho.com",
}  # fmt: skip


@dataclass
class Likeness:
    """One that may be the same, and what speaks for it."""

    organization: Organization
    reasons: list[str | Promise] = field(default_factory=list)


def find_duplicates(
    *,
    name: str,
    legal_name: str = "",
    domains: Iterable[str] = (),
    web: str = "",
    phone: str = "",
    leave_out: Organization | None = None,
) -> list[Likeness]:
    """Those that may be the same: a name much like it, the same domain, the same phone (O4).

    Closed and proposed ones too; merged ones are named by the one they became.
    """
    rows = Organization.objects.exclude(status=Organization.Status.MERGED)
    if leave_out is not None:
        rows = rows.exclude(pk=leave_out.pk)
    hosts = sorted({host_of(one) for one in (*domains, web) if one} - FREE_MAIL - {""})
    digits = digits_of(phone)
    rows = rows.annotate(likeness=_likeness([name, legal_name]), tail=_phone_tail())
    same = Q(likeness__gte=NEAR_NAME)
    for host in hosts:
        on_web = rf"^https?://(www\.)?{re.escape(host)}([/:?#]|$)"
        same |= Q(domains__contains=[host]) | Q(web__iregex=on_web)
    if digits:
        same |= Q(tail=digits)
    found = rows.filter(same).order_by("-likeness", "pk")[:MOST]
    return [Likeness(row, list(_why(row, hosts, digits))) for row in found]


def host_of(text: str) -> str:
    """ "https://www.House.example/us", "@house.example" and "house.example" are one."""
    text = text.strip().lower().rpartition("@")[2]
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def digits_of(phone: str) -> str:
    """The last ten digits: the same with and without 1, brackets and dashes."""
    digits = re.sub(r"\D", "", phone)
    return digits[-PHONE_DIGITS:] if len(digits) >= PHONE_DIGITS else ""


def _own_words(name: F | Value) -> Coalesce:
    """What is left of a name without the words that half of all houses share."""
    bare = Func(
        Fold(name), Value(COMMON_WORDS), Value(" "), Value("g"),
        function="regexp_replace", output_field=TextField(),
    )  # fmt: skip
    return Coalesce(NullIf(Trim(bare), Value("")), Fold(name))


def _likeness(names: list[str]) -> TrigramSimilarity | Greatest:
    pairs = [
        TrigramSimilarity(_own_words(F(column)), _own_words(Value(name.strip())))
        for name in names
        if name.strip()
        for column in ("name", "legal_name")
    ]
    return Greatest(*pairs) if pairs else Value(0.0)


def _phone_tail() -> Right:
    bare = Func(F("phone"), Value(r"\D"), Value(""), Value("g"), function="regexp_replace")
    return Right(bare, PHONE_DIGITS, output_field=TextField())


def _why(row: Organization, hosts: list[str], digits: str) -> Iterable[str | Promise]:
    if row.likeness >= NEAR_NAME:
        yield _("a name much like it")
    theirs = {host_of(one) for one in (*row.domains, row.web) if one}
    if theirs & set(hosts):
        yield _("the same web or mail domain")
    if digits and row.tail == digits:
        yield _("the same phone number")


def known_organizations(communities: QuerySet[Community]) -> QuerySet[Organization]:
    """Those that their staff may open: with a tie to them, entered by one of them, or merged."""
    tied = Organization.objects.known_to(communities).values("pk")
    entered = AuditEvent.objects.filter(
        object_type=Organization._meta.label_lower,
        action__in=["organization_added", "organization_merged"],
        scope__in=communities.values("public_id"),
    ).values("object_id")
    return Organization.objects.filter(Q(pk__in=tied) | Q(public_id__in=entered))


def communities_of(*organizations: Organization) -> QuerySet[Community]:
    """The communities that know one of these: each keeps a line of its history."""
    pks = [row.pk for row in organizations]
    entered = AuditEvent.objects.filter(
        object_type=Organization._meta.label_lower,
        action="organization_added",
        object_id__in=[row.public_id for row in organizations],
    ).values("scope")
    return Community.objects.filter(
        Q(pk__in=Community.objects.filter(partners__organization__in=pks).values("pk"))
        | Q(pk__in=Community.objects.filter(applications__organization__in=pks).values("pk"))
        | Q(pk__in=Community.objects.filter(criteria__evidence__organization__in=pks).values("pk"))
        | Q(
            pk__in=Community.objects.filter(
                memberships__person__affiliations__organization__in=pks
            ).values("pk")
        )
        | Q(public_id__in=entered)
    )


def rests_with_others(organization: Organization, by: User) -> bool:
    """Has a community where this person reviews nothing decided on it, or is asked to?"""
    mine = Community.objects.staffed_by(by, "reviewer", "coordinator")
    open_ones = Q(applications__state__in=MembershipApplication.OPEN_STATES)
    touched = Community.objects.filter(
        Q(partners__organization=organization)
        | Q(criteria__evidence__organization=organization)
        | Q(Q(applications__organization=organization) & open_ones)
    )
    return touched.exclude(pk__in=mine.values("pk")).exists()


def spoken_for_by(person: User) -> QuerySet[Organization]:
    """The organizations that this person is a confirmed contact of (A5)."""
    mine = Affiliation.objects.filter(
        person=person, is_contact=True, state=Affiliation.State.CONFIRMED
    )
    active = Organization.objects.filter(status=Organization.Status.ACTIVE)
    return active.filter(pk__in=mine.values("organization"))


def known_like(name: str) -> list[Organization]:
    """Those that an applicant could have picked, with a name much like this one."""
    if not name.strip():
        return []
    active = Organization.objects.filter(status=Organization.Status.ACTIVE)
    near = active.annotate(likeness=_likeness([name])).filter(likeness__gte=NEAR_NAME)
    return list(near.order_by("-likeness", "pk")[:MOST])


def site_called(organization: Organization, words: str) -> Site | None:
    """The one open house whose name stands in these words; none where it could be two."""
    rows = organization.sites.filter(closed_on=None).alias(folded=Fold(F("name")))
    said = rows.alias(said=Fold(Value(words)))
    found = list(said.filter(said__contains=F("folded")).order_by("pk")[:2])
    return found[0] if len(found) == 1 else None

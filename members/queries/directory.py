"""What a directory entry shows, and whom a search finds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import F, Prefetch, Q, QuerySet, Value

from members.models import Affiliation, Community, DirectoryProfile, User
from members.models.organizations import Fold

PAGE = 20


@dataclass(frozen=True)
class Entry:
    """One entry as others read it: only what its switches let through."""

    profile: DirectoryProfile
    role: str = ""
    organization: str = ""
    place: str = ""
    languages: str = ""

    @property
    def name(self) -> str:
        return self.profile.person.display_name

    def words(self) -> Iterator[str]:
        yield self.name
        yield from (self.role, self.organization, self.place, self.languages)
        yield from (self.profile.ask_me_about, self.profile.looking_for)


def shown_of(profile: DirectoryProfile) -> Entry:
    """The entry of one profile; of many, prefetch by `with_ties` first."""
    tie = _main_tie(profile.person)
    organization = tie.organization if tie else None
    return Entry(
        profile,
        role=_role(tie) if tie and profile.shows_role else "",
        organization=organization.name if organization and profile.shows_organization else "",
        place=_place(tie) if tie and profile.shows_region else "",
        languages=", ".join(profile.languages) if profile.shows_languages else "",
    )


def with_ties(rows: QuerySet[DirectoryProfile]) -> QuerySet[DirectoryProfile]:
    ties = Affiliation.objects.exclude(state=Affiliation.State.ENDED)
    ties = ties.select_related("organization", "site").prefetch_related("organization__sites")
    people = Prefetch("person__affiliations", ties.order_by("-is_primary", "pk"), "ties")
    return rows.select_related("person").prefetch_related(people)


def find_entries(
    community: Community, person: User, words: str, after: str = ""
) -> tuple[list[Entry], str]:
    """Twenty entries by name, and the public id after which the next page begins."""
    rows = DirectoryProfile.objects.visible_to(person).filter(community=community, is_listed=True)
    for word in words.split()[:6]:
        rows = rows.filter(search_text__contains=Fold(Value(word)))
    rows = rows.annotate(name=Fold(F("person__display_name")))
    last = rows.filter(public_id=after).values_list("name", "pk").first() if after else None
    if last:
        rows = rows.filter(Q(name__gt=last[0]) | Q(name=last[0], pk__gt=last[1]))
    page = list(with_ties(rows.order_by("name", "pk"))[: PAGE + 1])
    more = page[PAGE - 1].public_id if len(page) > PAGE else ""
    return [shown_of(row) for row in page[:PAGE]], more


def _main_tie(person: User) -> Affiliation | None:
    ties: Iterable[Affiliation] | None = getattr(person, "ties", None)
    if ties is None:
        current = person.affiliations.exclude(state=Affiliation.State.ENDED)
        ties = current.select_related("organization", "site").order_by("-is_primary", "pk")
    return next(iter(ties), None)


def _role(tie: Affiliation) -> str:
    return tie.role_title or str(tie.get_role_group_display())


def _place(tie: Affiliation) -> str:
    """The city, or the region only where a house asks for that. Never an address (O1)."""
    if tie.site is not None:
        return tie.site.city if tie.site.shows_city else str(tie.site.get_region_display())
    shy = [site for site in tie.organization.sites.all() if not site.shows_city]
    return str(shy[0].get_region_display()) if shy else tie.organization.city

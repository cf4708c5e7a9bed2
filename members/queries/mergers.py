"""What points at an organization, in any app, and what a merger would do with it."""

from dataclasses import dataclass

from django.db.models import ForeignKey, Model
from django.utils.text import capfirst

from members.models import Affiliation, Membership, Organization

VOTING = ("active", "grace", "suspended")


@dataclass(frozen=True)
class MergePreview:
    """Numbers alone: some of it may belong to communities that the reader does not know."""

    moves: list[tuple[str, int]]
    # People known at both, who become one tie; who will speak for the one that stays.
    people_in_both: int
    contacts: int
    # Communities where both have somebody who votes: one voice stays.
    votes_in_both: int


def pointing_at(model: type[Model]) -> list[ForeignKey]:
    """All foreign keys of all apps to this model, hidden ones included; not those of its own."""
    relations = model._meta.get_fields(include_hidden=True)
    keys = [one.field for one in relations if one.auto_created and not one.concrete]
    return [key for key in keys if isinstance(key, ForeignKey) and key.model is not model]


def preview_merge(source: Organization, target: Organization) -> MergePreview:
    moves = []
    for key in pointing_at(Organization):
        count = key.model._base_manager.filter(**{key.name: source}).count()
        if count:
            moves.append((capfirst(key.model._meta.verbose_name_plural), count))
    current = Affiliation.objects.exclude(state=Affiliation.State.ENDED)
    theirs = current.filter(organization=target).values("person")
    speaking = current.filter(
        organization__in=[source, target], is_contact=True, state=Affiliation.State.CONFIRMED
    )
    votes = Membership.objects.filter(state__in=VOTING)
    there = votes.filter(delegate_for=target).values("community")
    return MergePreview(
        moves=sorted(moves),
        people_in_both=current.filter(organization=source, person__in=theirs).count(),
        contacts=speaking.values("person").distinct().count(),
        votes_in_both=votes.filter(delegate_for=source, community__in=there).count(),
    )

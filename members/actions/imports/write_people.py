"""Taking a list of people over, in bulk: accounts, ties and memberships. No mail, no consent."""

from collections import defaultdict
from datetime import datetime

from members.actions.imports.history import Notes
from members.actions.imports.plans import Line, Progress
from members.actions.imports.ties import Tie, make_people, write_ties
from members.actions.memberships import local_day
from members.models import Community, Membership, User

BATCH = 2000


def write_people(
    lines: list[Line], *, community: Community, by: User, now: datetime, progress: Progress
) -> tuple[dict[str, int], list[str]]:
    """In the caller's transaction. How many are new and changed, and the new memberships' ids."""
    new = [line for line in lines if line.outcome == "new"]
    changed = [line for line in lines if line.outcome == "changed"]
    strangers = [line for line in new if line.target is None]
    people = make_people(
        [(line.row.email, line.row.name, line.row.language) for line in strangers], community
    )
    for line in strangers:
        line.target = people[line.row.email]
    progress(len(new) // 2)
    begun = _begin(new, community, by, now)
    progress(len(new))
    ties = [_tie(line) for line in (*new, *changed) if "tie" in line.what]
    write_ties(ties, community=community, by=by, now=now)
    _change_categories(changed, community, by)
    return {"new": len(new), "changed": len(changed)}, begun


def _tie(line: Line) -> Tie:
    row = line.row
    return Tie(
        person=line.target,
        organization=line.what["organization"],
        role_title=row.role,
        role_group=row.role_group,
        is_contact=row.is_contact,
        is_sure=line.what["is_sure"],
    )


def _begin(lines: list[Line], community: Community, by: User, now: datetime) -> list[str]:
    today = local_day(community, now)
    notes = Notes(by, community)
    rows = [
        Membership(
            community=community,
            person=line.target,
            category=line.what["category"],
            basis=Membership.Basis.IMPORT,
            joined_on=line.row.member_since or today,
            # They have not said themselves that they belong: the next yearly question asks.
            is_unconfirmed=True,
        )
        for line in lines
    ]
    Membership.objects.bulk_create(rows, batch_size=BATCH)
    for row in rows:
        notes.add("membership_began", row, new=row.category)
    notes.write()
    return [row.public_id for row in rows]


def _change_categories(lines: list[Line], community: Community, by: User) -> None:
    by_category: dict[str, list[int]] = defaultdict(list)
    notes = Notes(by, community)
    for line in lines:
        if "category" in line.what:
            row = line.what["membership"]
            by_category[line.what["category"]].append(row.pk)
            notes.add("membership_changed", row, old=row.category, new=line.what["category"])
    for category, pks in by_category.items():
        Membership.objects.filter(pk__in=pks).update(category=category)
    notes.write()

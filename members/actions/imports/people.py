"""A list of people: compared with who belongs, then taken over."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from members.actions.imports.known import KnownOrganizations
from members.actions.imports.plans import EVERY, Line, Progress
from members.actions.imports.resources import PersonRow
from members.actions.imports.ties import find_people, ties_of
from members.actions.memberships import local_day
from members.models import (
    Affiliation,
    Community,
    Membership,
    MembershipApplication,
    Organization,
    User,
)

State = Membership.State
Category = Membership.Category


@dataclass
class KnownPeople:
    """What we know of everybody on the list, in a few questions."""

    community: Community
    today: date
    organizations: KnownOrganizations
    people: dict[str, User] = field(default_factory=dict)
    memberships: dict[int, Membership] = field(default_factory=dict)
    ties: dict[int, list[Affiliation]] = field(default_factory=dict)
    applying: set[int] = field(default_factory=set)

    def read(self, emails: set[str]) -> None:
        self.people = find_people(emails)
        pks = [one.pk for one in self.people.values()]
        # The latest one last: it is the one that stands.
        rows = self.community.memberships.filter(person__in=pks).order_by("joined_on", "pk")
        current = {*Membership.CURRENT_STATES, State.SUSPENDED}
        for row in sorted(rows, key=lambda one: one.state in current):
            self.memberships[row.person_id] = row
        self.ties = ties_of(self.people.values())
        waiting = MembershipApplication.objects.filter(
            community=self.community,
            person__in=pks,
            state__in=MembershipApplication.OPEN_STATES,
        )
        self.applying = set(waiting.values_list("person", flat=True))


def plan_people(
    rows: Iterable[PersonRow],
    *,
    community: Community,
    by: User,
    now: datetime,
    progress: Progress,
) -> list[Line]:
    """What each row means today. Nothing is written."""
    rows = list(rows)
    known = KnownPeople(community, local_day(community, now), KnownOrganizations(community, by))
    known.read({row.email for row in rows} - {""})
    seen: dict[object, int] = {}
    lines = []
    for count, row in enumerate(rows, start=1):
        person = known.people.get(row.email)
        key = person.pk if person else row.email
        if row.email and key in seen:
            text = _("The same e-mail address stands in row %(row)s.") % {"row": seen[key]}
            lines.append(Line(row, "duplicate", text))
        else:
            seen[key] = row.number
            lines.append(_plan(row, person, known))
        if count % EVERY == 0:
            progress(count)
    return lines


def _plan(row: PersonRow, person: User | None, known: KnownPeople) -> Line:
    organization, wrong = _organization(row, known.organizations)
    membership = known.memberships.get(person.pk) if person else None
    wrong = _what_is_missing(row, known) or wrong or _why_not(person, membership, known)
    category = _category(row, person, organization, membership, known)
    wrong = wrong or _why_not_category(category, organization, row, known)
    if wrong:
        return Line(row, "wrong", wrong)
    what: dict[str, Any] = {}
    if organization is not None:
        what |= _tie_changes(row, person, organization, known)
    if membership is None or membership.state not in Membership.CURRENT_STATES:
        what |= {"organization": organization, "category": category}
        return Line(row, "new", "", person, what)
    if category != membership.category:
        what["category"] = category
    if not what:
        return Line(row, "unchanged", "", person)
    what |= {"organization": organization, "membership": membership}
    return Line(row, "changed", _say(what), person, what)


def _organization(row: PersonRow, known: KnownOrganizations) -> tuple[Organization | None, str]:
    """The one that is named, or why it is none."""
    if not row.organization:
        wrong = _("Who speaks for an organization needs one.") if row.is_contact else ""
        return None, wrong
    found = known.named(row.organization)
    if len(found) == 1:
        row_ = found[0]
        if row_.status == Organization.Status.CLOSED:
            return None, _("The organization is closed at the desk: %(name)s.") % {"name": row_}
        return row_, ""
    if found:
        return None, _(
            "Several organizations are called “%(name)s”. Merge them at the desk, or leave the "
            "cell empty."
        ) % {"name": row.organization}
    like = known.like(row.organization)
    hint = _("Do you mean “%(name)s”?") % {"name": known.rows[like]} if like in known.mine else ""
    text = _(
        "We do not know the organization “%(name)s”. Take over the list of organizations first."
    ) % {"name": row.organization}
    return None, f"{text} {hint}".strip()


def _what_is_missing(row: PersonRow, known: KnownPeople) -> str:
    if not row.email:
        return _("The e-mail address is missing.")
    if not row.name:
        return _("The name is missing.")
    if row.member_since and row.member_since > known.today:
        return _("The day of “Member since” is still to come.")
    return ""


def _why_not(person: User | None, membership: Membership | None, known: KnownPeople) -> str:
    """What a list does not overrule: closed accounts, and what people or the team decided."""
    if person is None:
        return ""
    if not person.is_active:
        return _("This address cannot be taken over. The administrator of the site knows more.")
    if person.pk in known.applying:
        return _("An application of theirs waits at the desk. Decide it there.")
    state = membership.state if membership else ""
    return {
        State.SUSPENDED: _("Their membership is on hold. End the hold first."),
        State.LEFT: _("They left by their own choice, and can join again themselves."),
        State.REMOVED: _("The team ended their membership. A list does not bring it back."),
    }.get(state, "")


def _category(
    row: PersonRow,
    person: User | None,
    organization: Organization | None,
    membership: Membership | None,
    known: KnownPeople,
) -> str:
    """As the list says; else as it is; else member, or ally for whoever stands behind the wall."""
    if row.category:
        return row.category
    if membership is not None and membership.state in Membership.CURRENT_STATES:
        return membership.category
    return Category.ALLY if _is_walled(person, organization, known) else Category.MEMBER


def _is_walled(person: User | None, organization: Organization | None, known: KnownPeople) -> bool:
    places = [organization] if organization else []
    places += [tie.organization for tie in known.ties.get(person.pk, [])] if person else []
    return any(one.is_regulator_or_funder for one in places)


def _why_not_category(
    category: str, organization: Organization | None, row: PersonRow, known: KnownPeople
) -> str:
    person = known.people.get(row.email)
    if category == Category.MEMBER and _is_walled(person, organization, known):
        # Where else they work is theirs to tell: the list says only what it knows itself.
        if organization is not None and organization.is_regulator_or_funder:
            return _("Who works for a funder or regulator can be an ally only.")
        return _("This person can be an ally only.")
    if category == Category.ALLY and not known.community.allies_allowed:
        return _("This community takes no allies.")
    if organization is not None and organization.is_regulator_or_funder and person is not None:
        mine = known.ties.get(person.pk, [])
        if all(tie.organization_id != organization.pk for tie in mine):
            # It would close member spaces to them everywhere (P4): no list decides that.
            return _("People say themselves that they work for a funder or regulator.")
    rests = organization is not None and not known.organizations.may_vouch(organization)
    if row.is_contact and rests:
        return _(
            "Another community rests on this organization: who speaks for it is not set by a list."
        )
    return ""


def _tie_changes(
    row: PersonRow, person: User | None, organization: Organization, known: KnownPeople
) -> dict[str, Any]:
    is_sure = known.organizations.may_vouch(organization)
    mine = known.ties.get(person.pk, []) if person else []
    tie = next((one for one in mine if one.organization_id == organization.pk), None)
    if tie is None:
        return {"tie": True, "is_sure": is_sure}
    changed = (
        bool(row.role and row.role != tie.role_title)
        or bool(row.role_group and row.role_group != tie.role_group)
        or (row.is_contact is not None and row.is_contact != tie.is_contact)
        or (tie.state == Affiliation.State.CLAIMED and is_sure)
    )
    return {"tie": False, "is_sure": is_sure} if changed else {}


def _say(what: dict[str, Any]) -> str:
    words = [Membership._meta.get_field("category").verbose_name] if "category" in what else []
    if what.get("tie"):
        words.append(_("an organization"))
    elif "tie" in what:
        words.append(_("their part in the organization"))
    return ", ".join(str(word) for word in words)

"""Whose mail a staff member sees here: that of the communities they coordinate or edit."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Model, Q
from django.http import Http404, HttpRequest
from django.urls import reverse

from meetings.models import Meeting
from members.models import Community, RoleGrant, User
from members.models.communities import current_grant, role_holds
from newsletter.models import NewsletterIssue

ROLES = ("coordinator", "editor")
# Mail whose keys begin with one of these, and then the id of a meeting or an issue, is one fact
# told to many. Everything else is somebody's own business, and shown as a sum.
ABOUT_MEETING = ("reminder", "changed", "cancelled", "invitation", "nudge")
ABOUT_ISSUE = ("newsletter",)
FACTS = (*ABOUT_MEETING, "weekly_digest")
# What editors have to do with; the rest is the coordinators'.
EDITED = ("newsletter:", "weekly_digest:")
EDITED_KINDS = (
    "newsletter", "newsletter_test", "newsletter_draft_ready", "weekly_digest",
    "confirm_subscription",
)  # fmt: skip
TARGET = re.compile(r"([\w-]{0,20})\|((?:[a-z_]+:[\w-]+:(?:[\w-]+:)?)?)")


@dataclass(frozen=True)
class Desk:
    """One staff member and their communities."""

    person: User
    communities: list[Community]
    coordinated: frozenset[int] = field(default_factory=frozenset)

    @cached_property
    def by_scope(self) -> dict[str, Community]:
        return {one.public_id: one for one in self.communities}

    @property
    def scopes(self) -> list[str]:
        """Mail of no community is for the administrator of the whole site."""
        own = [one.public_id for one in self.communities]
        return [*own, ""] if self.person.is_superuser else own

    @property
    def shows_communities(self) -> bool:
        return len(self.communities) > 1

    @property
    def mail(self) -> Q:
        """The mails of this desk, as a condition on deliveries."""
        if self.person.is_superuser:
            return Q(scope__in=self.scopes)
        whole = [one.public_id for one in self.communities if one.pk in self.coordinated]
        return Q(scope__in=whole) | Q(scope__in=self.scopes, kind__in=EDITED_KINDS)

    def may_see(self, scope: str, prefix: str) -> bool:
        """Editors have to do with newsletters and digests; the rest is the coordinators'."""
        community = self.by_scope.get(scope)
        if self.person.is_superuser or (community and community.pk in self.coordinated):
            return True
        return prefix.startswith(EDITED)

    def may_open_meetings(self, community_id: int) -> bool:
        return self.person.is_superuser or community_id in self.coordinated


def desk_or_404(request: HttpRequest) -> Desk:
    person = request.user
    communities = list(Community.objects.staffed_by(person, *ROLES).order_by("short_name", "pk"))
    if not communities and not person.is_superuser:
        raise Http404
    held = RoleGrant.objects.filter(current_grant(), role_holds(person), person=person.pk)
    grants = held.filter(role="coordinator")
    coordinated = frozenset(grants.values_list("community_id", flat=True))
    return Desk(person, communities, coordinated)


def read_target(text: str, desk: Desk) -> tuple[str, str]:
    """`scope|prefix` as the buttons send it, of this desk's communities; else 404."""
    found = TARGET.fullmatch(text)
    if found is None or found[1] not in desk.scopes or not desk.may_see(found[1], found[2]):
        raise Http404
    return found[1], found[2]


def sources_of(prefixes: Iterable[str]) -> dict[str, Model]:
    """prefix -> the meeting or issue that its mail tells about. Two queries at most."""
    named = {prefix: prefix.split(":") for prefix in prefixes}
    meetings = {parts[1] for parts in named.values() if parts[0] in ABOUT_MEETING}
    issues = {parts[1] for parts in named.values() if parts[0] in ABOUT_ISSUE}
    rows: dict[str, Model] = {}
    if meetings:
        rows |= Meeting.objects.in_bulk(meetings, field_name="public_id")
    if issues:
        rows |= NewsletterIssue.objects.in_bulk(issues, field_name="public_id")
    return {
        prefix: rows[parts[1]] for prefix, parts in named.items() if parts[1:2] and parts[1] in rows
    }


def source_url(source: Model | None, desk: Desk) -> str:
    """Where the text or the time can be changed, for those who may."""
    if isinstance(source, Meeting) and desk.may_open_meetings(source.community_id):
        return reverse("admin:meetings_meeting_change", args=[source.pk])
    if isinstance(source, NewsletterIssue):
        return reverse("admin:newsletter_newsletterissue_change", args=[source.pk])
    return ""

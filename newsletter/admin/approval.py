"""Who may approve an issue, told before the button is pressed (N4, P2)."""

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from members.models import RoleGrant, User
from members.models.communities import current_grant
from newsletter.models import NewsletterIssue
from newsletter.rules import EDITOR_ROLES


def approval_for(issue: NewsletterIssue, person: User) -> dict[str, object]:
    """For the page: may this person approve it now, and if not, who may."""
    if issue.state not in issue.WRITTEN:
        return {"may_approve": False, "approval_note": ""}
    roles = _roles(issue)
    writer = issue.edited_by
    alone = not (roles.keys() - {person})
    if (writer != person or alone) and _coordinator_saw_it(roles, person, writer):
        return {"may_approve": True, "approval_note": ""}
    others = [one for one in roles if one not in {person, writer}]
    names = [str(one) for one in others if _coordinator_saw_it(roles, one, writer)]
    return {"may_approve": False, "approval_note": _note(names, is_writer=writer == person)}


def _roles(issue: NewsletterIssue) -> dict[User, set[str]]:
    grants = issue.community.role_grants.filter(
        current_grant(), role__in=EDITOR_ROLES, person__is_active=True
    )
    found: dict[User, set[str]] = {}
    for grant in grants.select_related("person").order_by("person__display_name", "pk"):
        found.setdefault(grant.person, set()).add(grant.role)
    return found


def _coordinator_saw_it(roles: dict[User, set[str]], person: User, writer: User | None) -> bool:
    seen_by = {person, writer or person}
    if any(one.is_superuser for one in seen_by):
        return True
    return any(RoleGrant.Role.COORDINATOR in roles.get(one, set()) for one in seen_by)


def _note(names: list[str], *, is_writer: bool) -> str:
    who = get_text_list(names, _("or"))
    if is_writer and names:
        return _("You wrote the last change. %(names)s can approve it.") % {"names": who}
    if names:
        return _("A coordinator approves this issue. %(names)s can do it.") % {"names": who}
    return _("Nobody else can approve this issue yet. A coordinator can give somebody the role.")

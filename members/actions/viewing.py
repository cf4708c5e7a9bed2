"""To see the site as a member sees it: a coordinator, for a while, reading only (P3)."""

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.access import has_role
from members.models import Community, User


@transaction.atomic
def begin_member_view(*, community: Community, by: User) -> None:
    """As a member, and never as a particular one. Noted in the history of the community."""
    if not has_role(by, community, "coordinator"):
        raise ActionError(_("Only a coordinator does this."))
    audit.record("member_view_began", community, by=by, scope=community.public_id)


def note_viewed_page(*, community: Community, by: User, path: str) -> None:
    scope = community.public_id
    audit.record("member_view_page", community, by=by, scope=scope, reason=path[:200])


def end_member_view(*, community: Community, by: User) -> None:
    audit.record("member_view_ended", community, by=by, scope=community.public_id)

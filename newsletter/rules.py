"""What an issue must fulfil before it may leave, as sentences for the editor."""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from meetings.models import Meeting
from members.access import has_role
from members.models import Community, RoleGrant, User
from members.models.communities import current_grant
from newsletter.models import NewsletterIssue

EDITOR_ROLES = (RoleGrant.Role.EDITOR, RoleGrant.Role.COORDINATOR)
# Fewer is not worth an e-mail of its own (N9).
ENOUGH_ITEMS = 3
# Large mail providers cut a message off a little above this.
MAX_BYTES = 100_000
# More would make an editor that nobody overlooks, and a mail that nobody reads.
MAX_ITEMS = 60
# Longer issues are read to the end by few.
MANY_WORDS = 900


def check_editor(by: User, community: Community) -> None:
    if not has_role(by, community, *EDITOR_ROLES):
        raise ActionError(_("Only editors and coordinators work on the newsletter."))


def other_editors_exist(by: User, community: Community) -> bool:
    """Is there somebody else who could look at it (N4, P2)?"""
    grants = community.role_grants.filter(current_grant(), role__in=EDITOR_ROLES)
    return grants.filter(person__is_active=True).exclude(person=by).exists()


def join_links(community: Community) -> set[str]:
    """The meeting-room addresses of a community, without scheme and password part."""
    urls = Meeting.objects.filter(community=community).exclude(join_url="")
    return {_bare(url) for url in urls.values_list("join_url", flat=True).distinct()} - {""}


def _bare(url: str) -> str:
    parts = urlsplit(url.strip())
    # A bare host would forbid every mention of the video service.
    return f"{parts.netloc}{parts.path}".lower().rstrip("/") if parts.path.strip("/") else ""


def holds_secret_link(text: str, joins: set[str]) -> bool:
    """A join link, or a personal link of this site: both let in whoever holds them (N2)."""
    low = text.lower()
    host = urlsplit(settings.SITE_URL).netloc.lower()
    return f"{host}/m/" in low or "](/m/" in low or any(join in low for join in joins)


def check_no_secret_link(texts: list[str], community: Community) -> None:
    joins = join_links(community)
    if any(holds_secret_link(text, joins) for text in texts):
        raise ActionError(
            _(
                "There is a link to a meeting room or a personal link in the text. Whoever gets "
                "this mail could step in. Take it out and link to the meeting's page instead."
            )
        )


def check_can_leave(issue: NewsletterIssue, *, item_count: int, confirmed: bool) -> None:
    """Raises ActionError with the first thing that is missing before sending."""
    community = issue.community
    if not community.is_writing:
        raise ActionError(
            _("This community is paused or archived, so it sends no newsletter for now.")
        )
    if not (community.postal_address or settings.POSTAL_ADDRESS):
        raise ActionError(
            _(
                "The law asks for a postal address under each newsletter, and this community has "
                "none yet. A coordinator can add it on the page of the community."
            )
        )
    if item_count < ENOUGH_ITEMS and not confirmed:
        raise ActionError(
            _(
                "Fewer than three items are in this issue. Skip it (hold it, and the next one "
                "takes these items along), or tick the box to send it anyway."
            )
        )

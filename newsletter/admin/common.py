"""What the pages of one issue at the desk share."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from newsletter.models import NewsletterIssue

CHANGE = "admin:newsletter_newsletterissue_change"


def title_of(issue: NewsletterIssue) -> str:
    words = {"number": issue.number, "community": issue.community.short_name}
    return _("Newsletter %(number)s · %(community)s") % words


def try_it(request: HttpRequest, act: Callable[[], str | None]) -> bool:
    """Do it and tell what happened, or what stood in the way."""
    try:
        told = act()
    except ActionError as error:
        messages.error(request, str(error))
        return False
    if told:
        messages.success(request, told)
    return True

"""Do the links of an issue answer? Asked from outside of any page, a few at a time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import Q

from cop.core.fetching import NotFetched, Reply, ask
from newsletter.actions.editing import lock_issue
from newsletter.addresses import addresses_of, is_ours
from newsletter.models import LinkCheck, NewsletterIssue

# So long an answer holds.
HOLDS = timedelta(hours=24)
AT_ONCE, SECONDS = 30, 45.0


@transaction.atomic
def want_link_checks(*, issue: NewsletterIssue, now: datetime) -> int:
    """Note which addresses of the issue have to be asked. Returns how many wait."""
    issue = lock_issue(issue)
    if not issue.is_editable:
        return 0
    items = issue.items.filter(is_included=True).order_by("position", "pk")
    wanted = {url for url in addresses_of(issue, items) if not is_ours(url) and len(url) <= 2000}
    issue.link_checks.exclude(url__in=wanted).delete()
    LinkCheck.objects.bulk_create(
        (LinkCheck(issue=issue, url=url) for url in sorted(wanted)), ignore_conflicts=True
    )
    old = Q(checked_at__lt=now - HOLDS)
    issue.link_checks.filter(old).update(works=None, checked_at=None)
    return issue.link_checks.filter(works=None).count()


def check_links(
    *,
    now: datetime,
    limit: int = AT_ONCE,
    seconds: float = SECONDS,
    asker: Callable[[str], Reply] = ask,
) -> int:
    """Ask what nobody has asked yet, in issues that have not left. Returns how many were asked."""
    waiting = LinkCheck.objects.filter(works=None, issue__state__in=NewsletterIssue.EDITABLE)
    until, asked = monotonic() + seconds, 0
    for row in waiting.order_by("pk")[:limit]:
        try:
            reply = asker(row.url)
            works, answer = reply.is_there, f"HTTP {reply.status}"
        except NotFetched as error:
            works, answer = False, str(error)
        LinkCheck.objects.filter(pk=row.pk, works=None).update(
            works=works, answer=answer[:120], checked_at=now
        )
        asked += 1
        if monotonic() >= until:
            break
    return asked

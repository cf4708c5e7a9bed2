"""Links that no longer answer: looked for once a week, a few at a time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from urllib.parse import urlsplit

from django.db.models import Q

from cop.core.fetching import NotFetched, Reply, ask
from library.models import Resource

EVERY = timedelta(days=7)
AT_ONCE = 40
# A slice ends in time for the worker, however slow the others are; the next one goes on.
SECONDS = 45.0
LinkState = Resource.LinkState


def check_links(
    *,
    now: datetime,
    limit: int = AT_ONCE,
    seconds: float = SECONDS,
    asker: Callable[[str], Reply] = ask,
) -> int:
    """Ask those whose week is over, one of each host; returns how many were asked.

    The first silence makes a link shaky, the next one a week later dead.
    """
    due = (
        Resource.objects.published()
        .exclude(url="")
        .filter(Q(link_checked_at=None) | Q(link_checked_at__lte=now - EVERY))
        .order_by("link_checked_at", "pk")
        .only("url", "link_state")
    )
    until = monotonic() + seconds
    hosts: set[str] = set()
    # All of them: many of one host at the front keep nobody else waiting.
    for resource in due.iterator(chunk_size=500):
        host = urlsplit(resource.url).hostname or ""
        if host in hosts:
            continue
        hosts.add(host)
        _check(resource, now, asker)
        if len(hosts) >= limit or monotonic() >= until:
            break
    return len(hosts)


def _check(resource: Resource, now: datetime, asker: Callable[[str], Reply]) -> None:
    try:
        reply = asker(resource.url)
        problem = "" if reply.is_there else f"HTTP {reply.status}"
    except NotFetched as error:
        problem = str(error)
    state = LinkState.FINE
    if problem:
        was_shaky = resource.link_state in {LinkState.SHAKY, LinkState.DEAD}
        state = LinkState.DEAD if was_shaky else LinkState.SHAKY
    # Only if the link is still the one that was asked.
    Resource.objects.filter(pk=resource.pk, url=resource.url).update(
        link_state=state, link_problem=problem[:200], link_checked_at=now
    )

"""Who counts as a reader of a page or a file."""

import re

from django.http import HttpRequest

from library.models import Resource

# What fetches a page to look through it, or to show its title under a message.
ROBOTS = re.compile(r"bot|crawl|spider|slurp|preview|facebookexternalhit|whatsapp", re.IGNORECASE)


def is_counted(request: HttpRequest, resource: Resource, *, is_keeper: bool) -> bool:
    """Not who sent it in or looks after it, not a robot, not a page fetched in advance."""
    person = request.user
    if request.method != "GET" or not resource.is_shown or is_keeper:
        return False
    if person.is_authenticated:
        looks_on = person.sees_as_member_of is not None
        if looks_on or person.pk in {resource.submitted_by_id, resource.steward_id}:
            return False
    in_advance = "prefetch" in request.headers.get("Sec-Purpose", "")
    agent = request.headers.get("User-Agent", "")
    # The rest of a download that broke off is the same download.
    is_rest = not request.headers.get("Range", "bytes=0-").startswith("bytes=0-")
    return not in_advance and not is_rest and ROBOTS.search(agent) is None

"""The Atom feed of a library."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from cop.core.links import absolute
from library.feeds import last_change, newest
from library.models import Resource
from members.access import with_community
from members.models import Community


def _etag(request: HttpRequest, community: Community) -> str | None:
    changed = last_change(community)
    public = sum(row.version for row in newest(community))
    return f'"{changed.timestamp():.0f}-{public}-{request.LANGUAGE_CODE}"' if changed else None


@require_safe
@with_community
@condition(etag_func=_etag)
def library_feed(request: HttpRequest, community: Community) -> HttpResponse:
    """Public resources only, whoever asks; readers of feeds sign in nowhere."""
    here = absolute(reverse("library:feed", args=[community.slug]))
    feed = Atom1Feed(
        title=_("Library of %(name)s") % {"name": community.name},
        link=absolute(reverse("library:resource_list", args=[community.slug])),
        description="",
        language=request.LANGUAGE_CODE,
        feed_url=here,
        feed_guid=here,
        author_name=community.name,
    )
    for resource in newest(community):
        resource.community = community
        feed.add_item(**_entry(resource))
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml")


def _entry(resource: Resource) -> dict[str, Any]:
    url = absolute(resource.get_absolute_url())
    return {
        "title": resource.title,
        "link": url,
        "description": resource.summary,
        "unique_id": url,
        "pubdate": resource.published_at,
        "updateddate": resource.published_at,
        "categories": resource.topics,
    }

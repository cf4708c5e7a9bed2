"""The newsletters as Atom (RFC 4287): the edition for everybody, whoever asks."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from cop.core.html import markdown
from cop.core.links import absolute
from cop.core.mail import one_line
from cop.core.text import localized
from members.access import with_community
from members.models import Community
from newsletter.models import IssueItem, NewsletterIssue
from newsletter.queries import Block, blocks_for

NEWEST = 12


def _issues(community: Community) -> Any:  # noqa: ANN401  an IssueQuerySet
    rows = NewsletterIssue.objects.visible_to(AnonymousUser()).filter(community=community)
    return rows.order_by("-number")


def _language(request: HttpRequest) -> str:
    wanted = request.GET.get("lang", "")
    return wanted if wanted in dict(settings.LANGUAGES) else request.LANGUAGE_CODE[:2]


def _entries(community: Community) -> list[tuple[NewsletterIssue, list[Block]]]:
    """What is read is asked for again each time: what was narrowed since is out (G3)."""
    found = []
    for issue in _issues(community)[:NEWEST]:
        issue.community = community
        found.append((issue, blocks_for(issue, [IssueItem.Edition.PUBLIC])))
    return found


def _etag(request: HttpRequest, community: Community) -> str:
    """Changes with a new issue, and with whatever leaves the page of one (a strong tag)."""
    seen = _issues(community).aggregate(last=Max("number"), n=Count("pk"))
    shown = hash(tuple(
        (issue.pk, tuple(block.item.pk for block in blocks))
        for issue, blocks in _entries(community)
    ))  # fmt: skip
    return f'"{seen["last"]}-{seen["n"]}-{shown & 0xFFFFFFFF:x}-{_language(request)}"'


@require_safe
@with_community
@condition(etag_func=_etag)
def newsletter_feed(request: HttpRequest, community: Community) -> HttpResponse:
    language = _language(request)
    with translation.override(language):
        return _feed(community, language)


def _feed(community: Community, language: str) -> HttpResponse:
    here = absolute(reverse("newsletter:feed", args=[community.slug]))
    name = localized(community, "name", language)
    feed = Atom1Feed(
        title=_("Newsletter of %(name)s") % {"name": one_line(name)},
        link=absolute(reverse("newsletter:issue_list", args=[community.slug])),
        description="",
        language=language,
        feed_url=f"{here}?lang={language}",
        feed_guid=here,
        author_name=one_line(name),
    )
    for issue, blocks in _entries(community):
        url = absolute(issue.get_absolute_url())
        feed.add_item(
            title=one_line(localized(issue, "subject", language)),
            link=url,
            description=_content(issue, blocks, language),
            unique_id=url,
            pubdate=issue.sent_at,
            updateddate=issue.sent_at,
        )
    answer = HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml")
    answer["Cache-Control"] = "public, max-age=900"
    return answer


def _content(issue: NewsletterIssue, blocks: list[Block], language: str) -> SafeString:
    parts = format_html_join(
        "",
        "<h2>{}</h2>{}{}",
        ((block.title, markdown(block.text), _link(block)) for block in blocks),
    )
    return mark_safe(markdown(localized(issue, "intro", language)) + parts)  # noqa: S308  both clean


def _link(block: Block) -> SafeString:
    if not block.url:
        return mark_safe("")
    return format_html('<p><a href="{}">{}</a></p>', block.url, _("Read it"))

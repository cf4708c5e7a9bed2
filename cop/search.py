"""The one search box: what a community knows, meets for, wishes for, and who is in it."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.search import SearchQueryField, SearchRank
from django.db.models import BooleanField, Func, QuerySet, Value
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from library.access import may_send_resource
from library.models import Resource
from library.search import Filters, Found, find
from library.search.terms import Question
from meetings.lines import Line, LineMaker
from meetings.models import Meeting, TopicProposal
from meetings.models.words import title_and_description
from members.access import Visitor, with_community
from members.models import Community
from members.queries.communities import finds_members
from members.queries.directory import Entry, find_entries

# Of each kind on the page; the rest by a link.
FIRST = 5


@dataclass(frozen=True)
class Everything:
    """What one search found; each list in its own order."""

    library: Found
    meetings: list[Line] = field(default_factory=list)
    topics: list[TopicProposal] = field(default_factory=list)
    people: list[Entry] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.library.rows or self.meetings or self.topics or self.people)


@require_safe
@with_community
def search_everything(request: HttpRequest, community: Community) -> HttpResponse:
    filters = Filters(words=Filters.read(request.GET).words)
    person = request.user
    zone = person.timezone if person.is_authenticated else community.timezone
    context: dict[str, Any] = {
        "filters": filters,
        "query": filters.words,
        "may_send": may_send_resource(person, community),
    }
    if filters.words:
        context["found"] = _everything(community, person, filters, zone)
    return render(request, "search.html", context)


def _everything(community: Community, person: Visitor, filters: Filters, zone: str) -> Everything:
    shown = Resource.objects.visible_to(person).published().filter(community=community)
    library = find(shown, filters, now=timezone.now())
    question = Question.ask(library.meant or filters.words)
    people: list[Entry] = []
    if person.is_authenticated and finds_members(community, person):
        people = find_entries(community, person, filters.words)[0][:FIRST]
    if question.is_empty:
        return Everything(library, people=people)
    topics = TopicProposal.objects.visible_to(person).filter(community=community)
    topics = topics.select_related("community", "proposed_by")
    meetings = Meeting.objects.visible_to(person).filter(community=community)
    return Everything(
        library,
        LineMaker(community, zone).lines(
            _best(meetings, question).order_by("-rank", "-starts_at")[:FIRST]
        ),
        list(_best(topics, question).order_by("-rank", "-proposed_at")[:FIRST]),
        people,
    )


def _best(rows: QuerySet[Any], question: Question) -> QuerySet[Any]:
    words = title_and_description()
    asked = Cast(Value(question.all_of_it), SearchQueryField())
    matches = Func(
        words, asked, template="(%(expressions)s)", arg_joiner=" @@ ", output_field=BooleanField()
    )
    return rows.filter(matches).annotate(rank=SearchRank(words, asked))

"""What stands near a resource: the same topics, the same words in the title."""

from django.contrib.postgres.search import SearchQueryField, SearchRank
from django.db.models import Case, F, FloatField, Q, QuerySet, Value, When
from django.db.models.functions import Cast

from library.models import Resource
from library.search.ranking import Matches
from library.search.terms import Question

MOST = 4
# Looked at, the newest first.
CANDIDATES = 300


def related_to(rows: QuerySet[Resource], resource: Resource) -> list[Resource]:
    """Up to four of `rows`, the nearest first. Two statements."""
    question = Question.ask(" or ".join(word for word in resource.title.split() if len(word) > 3))
    near = Q(topics__overlap=resource.topics)
    rank = Value(0.0, output_field=FloatField())
    if question.said:
        near |= Q(Matches("search", question.said))
        rank = SearchRank(F("head"), Cast(Value(question.said), SearchQueryField()))
    others = rows.filter(community=resource.community).exclude(pk=resource.pk)
    others = others.exclude(translation_of=resource).exclude(pk=resource.translation_of_id)
    newest = others.filter(near).order_by("-published_at", "-pk").values("pk")[:CANDIDATES]
    alike = [Q(topics__overlap=resource.topics), Q(language=resource.language)]
    nearness = sum(
        (_weighed(one, weight) for one, weight in zip(alike, (0.2, 0.1), strict=True)), rank
    )
    found = Resource.objects.filter(pk__in=newest).alias(near=nearness)
    return list(
        found.only(
            "public_id", "title", "kind", "language", "community_id", "reading_minutes"
        ).order_by("-near", "-published_at", "-pk")[:MOST]
    )


def _weighed(test: Q, weight: float) -> Case:
    return Case(When(test, then=Value(weight)), default=0.0, output_field=FloatField())

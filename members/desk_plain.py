"""Names instead of links: people's rows are open to the administrator of the site alone."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Model, Q, QuerySet, Value
from django.http import HttpRequest

from members.models import User
from members.models.organizations import Fold


@cache
def plain_person(model: type[Model], name: str) -> Callable[[Any], str]:
    """What the admin shows in place of the field. Cached: it compares these by identity."""
    field = model._meta.get_field(name)

    @admin.display(description=field.verbose_name, empty_value="–")
    def show(row: Any) -> str:  # noqa: ANN401
        return str(getattr(row, name) or "–")

    show.__name__ = name
    return show


def _is_person(model: type[Model], name: object) -> bool:
    try:
        return isinstance(name, str) and model._meta.get_field(name).related_model is User
    except FieldDoesNotExist:
        return False


class FoldedNames:
    """The search of a page of the admin finds names without their accents (`name_field`)."""

    name_field = "person__display_name"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        words = search_term.replace("\x00", "").split()
        if not words:
            return found, may_repeat
        named = queryset.alias(folded_name=Fold(F(self.name_field)))
        for word in words[:6]:
            named = named.filter(folded_name__contains=Fold(Value(word)))
        keys = named.order_by().values("pk")
        return queryset.filter(Q(pk__in=found.order_by().values("pk")) | Q(pk__in=keys)), False


class PlainPeople:
    """For a page of the admin: read-only people stand there as their names."""

    model: type[Model]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:  # noqa: ANN401
        return self._plain(super().get_readonly_fields(request, obj))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:  # noqa: ANN401
        readonly = {one.__name__ for one in self.get_readonly_fields(request, obj) if callable(one)}
        return [
            (title, {**options, "fields": self._plain(options["fields"], only=readonly)})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def _plain(self, names: Iterable[Any], only: set[str] | None = None) -> list[Any]:
        return [
            plain_person(self.model, name)
            if _is_person(self.model, name) and (only is None or name in only)
            else name
            for name in names
        ]

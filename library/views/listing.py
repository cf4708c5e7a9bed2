"""The list of the library: searched, narrowed, a page at a time."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from library.access import may_send_resource
from library.models import Resource, Visibility
from library.search import Filters, Found, find
from library.search.filters import Minutes, Sort
from members.access import with_community
from members.models import Community, Stream


@require_safe
@vary_on_headers("HX-Request")
@with_community
def resource_list(request: HttpRequest, community: Community) -> HttpResponse:
    """While somebody types (`typing`) the last word is not finished, and the rows are enough."""
    filters = Filters.read(request.GET)
    shown = Resource.objects.visible_to(request.user).published().filter(community=community)
    is_typing = "typing" in request.GET and "HX-Request" in request.headers
    after = request.GET.get("after", "")
    found = find(shown, filters, now=timezone.now(), after=after, is_typing=is_typing)
    context = {
        "filters": filters,
        "found": found,
        "facets": _facets(found, filters),
        "next_url": f"?{filters.query(after=found.next_id)}" if found.next_id else "",
        "may_send": may_send_resource(request.user, community),
        "sorts": Sort.choices if filters.words else Sort.choices[1:],
    }
    name = "library/_found.html" if is_typing else "library/resource_list.html"
    return render(request, name, context)


def _facets(found: Found, filters: Filters) -> list[dict[str, Any]]:
    """What the filters offer: only what leads to something, and what is chosen."""
    names = {
        "kind": (_("Kind"), _("All kinds"), Resource.Kind.choices),
        "topic": (_("Topic"), _("All topics"), None),
        "stream": (_("Stream"), _("All streams"), Stream.Kind.choices),
        "language": (_("Language"), _("Both languages"), settings.LANGUAGES),
        "year": (_("Year"), _("All years"), None),
        "minutes": (_("Time to read"), _("Short and long"), Minutes.choices),
        "visibility": (_("Who may see it"), _("All"), Visibility.choices),
    }
    facets = []
    for name, (label, everything, choices) in names.items():
        counts = found.counts.get(name, {})
        chosen = filters.narrowing.get(name, "")
        values = choices or _as_found(name, counts, chosen)
        options = [(v, text, counts.get(v, 0)) for v, text in values if v in counts or v == chosen]
        if len(options) > 1 or chosen:
            facets.append(
                {"name": name, "label": label, "all": everything, "options": options,
                 "chosen": chosen}
            )  # fmt: skip
    return facets


def _as_found(name: str, counts: dict[str, int], chosen: str) -> list[tuple[str, str]]:
    values = sorted({*counts, *([chosen] if chosen else [])}, key=str.casefold)
    return [(value, value) for value in (reversed(values) if name == "year" else values)]

"""The page that the others are measured by: what Django itself needs for a list of twenty rows.

Its own middleware, three queries (the session, the person, the rows) and a plain template with as
many cells as our lists have: a link, words of a choice, dates in a zone.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import Context, RequestContext, Template
from django.test import Client, override_settings
from django.urls import path

from meetings.models import Meeting
from members.models import Membership, User

ROWS = 20
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
PAGE = Template(
    "{% load i18n tz %}<!doctype html><html lang=en><title>{% trans 'Members' %}</title>"
    "<h1>{% trans 'Members' %}</h1><table>{% for row in rows %}<tr>"
    "<td><a href=\"{% url 'bare_row' row.pk %}\">{{ row.person.display_name }}</a></td>"
    "<td>{{ row.person.email }}</td><td>{{ row.get_category_display }}</td>"
    "<td>{{ row.get_state_display }}</td><td>{{ row.joined_on|date:'j F Y' }}</td>"
    "<td>{{ row.ended_on|date:'j F Y'|default:'-' }}</td></tr>{% endfor %}</table>"
)


@login_required
def bare_list(request: HttpRequest) -> HttpResponse:
    rows = Membership.objects.select_related("person").order_by("pk")[:ROWS]
    return HttpResponse(PAGE.render(Context({"rows": rows, "person": request.user})))


DETAIL = Template(
    "{% load i18n tz %}<!doctype html><html lang=en><title>{{ row.title }}</title>"
    "<h1>{{ row.title }}</h1><p>{{ row.starts_at|date:'j F Y H:i' }}</p><dl>"
    "<dt>{% trans 'Who may come' %}<dd>{{ row.get_audience_display }}"
    "<dt>{% trans 'Language' %}<dd>{{ row.get_language_display }}"
    "<dt>{% trans 'Facilitator' %}<dd>{{ row.facilitator }}</dl>"
    "<div>{{ row.description|linebreaks }}</div>"
    "<form method=post>{% csrf_token %}<button>{% trans 'Send' %}</button></form>"
)


@login_required
def bare_detail(request: HttpRequest) -> HttpResponse:
    """Three queries: the session, the person, the meeting with its facilitator."""
    row = Meeting.objects.select_related("facilitator").order_by("pk").first()
    return HttpResponse(DETAIL.render(RequestContext(request, {"row": row})))


urlpatterns = [
    path("", bare_list, name="bare_list"),
    path("detail/", bare_detail, name="bare_detail"),
    path("<int:pk>/", bare_list, name="bare_row"),
]


def own_addresses(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., Any]:
    def middleware(request: HttpRequest) -> HttpResponse:
        request.urlconf = __name__
        return get_response(request)

    return middleware


def bare_page(person: User, address: str = "/") -> Callable[[], None]:
    client = Client()
    client.force_login(person)

    def visit() -> None:
        response = client.get(address, HTTP_HOST="localhost")
        if response.status_code != 200:
            raise SystemExit(f"the bare page answered {response.status_code}")

    # The first visit builds the chain of this client, which it keeps.
    with override_settings(MIDDLEWARE=[f"{__name__}.own_addresses", *MIDDLEWARE]):
        visit()
    return visit

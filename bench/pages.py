"""The pages that are measured, with the bare page of the same run first."""

from collections.abc import Callable, Iterator
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import Client, RequestFactory

from cop.demo.cast import STARTERS
from meetings.models import Meeting
from members.models import Community, User

BARE = Template(
    "<ul>{% for m in rows %}<li>{{ m.title }} {{ m.starts_at }} {{ m.community.name }}</li>"
    "{% endfor %}</ul>"
)


def pages() -> Iterator[tuple[str, Callable[[], None]]]:
    yield "bare list: 3 queries, 20 rows", partial(_bare, RequestFactory().get("/"))
    visitor, member = Client(), Client()
    member.force_login(User.objects.get(email=STARTERS["member"].email))
    next_one = Meeting.objects.filter(community__slug="every-door", state="scheduled").first()
    places = {
        "community page": "/every-door/",
        "meeting list": "/every-door/meetings/",
        "library": "/every-door/library/",
        "library search": "/every-door/library/?q=night",
        "newsletter archive": "/every-door/newsletter/",
    }
    for name, path in places.items():
        yield f"{name}, visitor", partial(_get, visitor, path)
    for name, path in places.items():
        yield f"{name}, member", partial(_get, member, path)
    if next_one is not None:
        yield "meeting page, member", partial(_get, member, next_one.get_absolute_url())


def _bare(request: HttpRequest) -> HttpResponse:
    list(Community.objects.all()[:20])
    list(User.objects.all()[:20])
    rows = Meeting.objects.select_related("community").order_by("starts_at")[:20]
    return HttpResponse(BARE.render(Context({"rows": rows})))


def _get(client: Client, path: str) -> None:
    response = client.get(path, HTTP_HOST="localhost")
    if response.status_code != 200:
        raise SystemExit(f"{path} answered {response.status_code}")

"""The pages that are measured, with the bare page of the same run first."""

from collections.abc import Callable, Iterator
from functools import partial

from django.test import Client

from bench.bare import bare_page
from cop.demo.cast import STARTERS
from meetings.models import Meeting
from members.models import User


def pages() -> Iterator[tuple[str, Callable[[], None]]]:
    person = User.objects.get(email=STARTERS["member"].email)
    yield "bare list: 3 queries, 20 rows", bare_page(person)
    visitor, member = Client(), Client()
    member.force_login(person)
    next_one = Meeting.objects.filter(community__slug="every-door", state="scheduled").first()
    places = {
        "community page": "/every-door/",
        "meeting list": "/every-door/meetings/",
        "library": "/every-door/library/",
        "library search": "/every-door/library/?q=night",
        "newsletter archive": "/every-door/newsletter/",
    }
    for name, path in places.items():
        yield f"{name}, visitor", partial(get_page, visitor, path)
    for name, path in places.items():
        yield f"{name}, member", partial(get_page, member, path)
    if next_one is not None:
        yield "bare detail: 3 queries", bare_page(person, "/detail/")
        yield "meeting page, member", partial(get_page, member, next_one.get_absolute_url())


def get_page(client: Client, path: str) -> None:
    response = client.get(path, HTTP_HOST="localhost")
    if response.status_code != 200:
        raise SystemExit(f"{path} answered {response.status_code}")

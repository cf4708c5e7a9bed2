"""Funders, regulators and evaluators see public things and totals: on no page anything else.

A word of its own stands in everything that members, reviewers and panels may read. People before
the wall walk the whole URL configuration, follow each link they find, search, and open the files
and signed links of their mails: none of the words may turn up (model-members P4, O7, E7).
"""

import logging
import re
from collections import Counter, deque
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from members.access import has_role
from members.models import Community
from tests.access.test_matrix import expected
from tests.access.walled import COMMON, MARKERS, WALLED, WalledWorld

HREF = re.compile(r'(?:href|src|hx-get|data-url)="(/[^"#]*)')
# Ways out of the site, of the session, and files that are the same for everybody.
LEFT_OUT = ("/static/", "/account/logout", "/desk/logout", "/start/", "/mailbox/", "/media/")
CONTROLS = sorted(set(MARKERS.values()))
OF_EACH_KIND = 4
# Names of pages that may have a search; on others `q` means nothing.
SEARCHES = re.compile("list|join|home|add|find|detail|month|board")


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """A line for each of a thousand requests would bury what was found."""
    logging.disable(logging.INFO)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Any) -> WalledWorld:
    settings.MEDIA_ROOT = tmp_path
    return WalledWorld()


def addresses(world: WalledWorld, links: tuple[str, ...]) -> list[str]:
    """Every address of the site with the things of this world, plain and as a search."""
    plain = {url: name for name, _rule, url in expected(world) if "/m/" not in url}
    searches = [f"{url}?q={COMMON}" for url, name in plain.items() if SEARCHES.search(name)]
    return [*plain, *searches, *links]


def read(client: Client, url: str) -> str:
    """What is there to read: the page or the file, and where it leads to."""
    response = client.get(url, follow=True)
    if response.status_code >= 500:
        pytest.fail(f"{url} broke: {response.status_code}")
    body = b"".join(response.streaming_content) if response.streaming else response.content
    heads = " ".join(str(value) for value in response.headers.values())
    ways = " ".join(way for way, _status in response.redirect_chain)
    return f"{body.decode(errors='replace')} {heads} {ways}"


def walk(client: Client, starts: list[str]) -> Iterator[tuple[str, str]]:
    """(address, text) of the starting points and of what they lead to, some of each kind."""
    waiting, seen, kinds = deque(starts), set(starts), Counter()
    while waiting:
        url = waiting.popleft()
        text = read(client, url)
        yield url, text
        for found in map(unescape, HREF.findall(text)):
            if found in seen or found.startswith(LEFT_OUT):
                continue
            seen.add(found)
            kind = kind_of(found)
            kinds[kind] += 1
            if kinds[kind] <= OF_EACH_KIND:
                waiting.append(found)


def kind_of(url: str) -> str:
    try:
        return resolve(url.partition("?")[0]).view_name
    except Resolver404:
        return "nowhere"


def found_by(
    world: WalledWorld, sign_in: Any, who: str, *, until: frozenset[str] = frozenset()
) -> dict[str, list[str]]:
    """Marker -> where this person reads it. Walks to the end, or until all of `until` are found."""
    walker = world.walker(who)
    found: dict[str, list[str]] = {}
    for url, text in walk(sign_in(walker.person), addresses(world, walker.links)):
        for marker in MARKERS:
            if re.search(rf"\b{marker}\b", text):
                found.setdefault(marker, []).append(url)
        if until and until <= set(found):
            break
    return found


@pytest.mark.parametrize("who", WALLED)
def test_nothing_of_the_inside_reaches_those_before_the_wall(
    world: WalledWorld, sign_in: Any, who: str
) -> None:
    found = found_by(world, sign_in, who)
    assert not found, f"{who} reads:\n" + "\n".join(
        f"{marker}: {', '.join(sorted(urls)[:6])}" for marker, urls in found.items()
    )


@pytest.mark.parametrize("who", CONTROLS)
def test_the_same_walk_finds_it_for_those_inside(
    world: WalledWorld, sign_in: Any, who: str
) -> None:
    wanted = frozenset(marker for marker, finder in MARKERS.items() if finder == who)
    assert wanted - set(found_by(world, sign_in, who, until=wanted)) == set()


def test_the_evaluator_s_role_is_all_that_is_left_of_others(world: WalledWorld) -> None:
    """Roles from before the second job: they open nothing, from that moment and until it ends."""
    both = world.people["both"]
    assert not has_role(both, world.here, "reviewer")
    assert not Community.objects.staffed_by(both).exists()
    both.affiliations.filter(organization__name="Fund").update(
        state="ended", ended_on=world.now.date()
    )
    assert has_role(both, world.here, "reviewer")
    assert Community.objects.staffed_by(both, "librarian").get() == world.here

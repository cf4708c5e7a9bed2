"""Role by page by object, over the whole URL configuration (model-members 2.8, ASVS 8.2)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from django.urls import URLPattern, URLResolver, get_resolver, path, reverse
from django.views.generic import View

from tests.access.rules import (
    ADMIN,
    CLOSED_STEPS,
    MODELS,
    NOBODY,
    OF_DJANGO,
    OF_THE_LIBRARY,
    RULES,
    STEPS,
    WIDER_LISTS,
    Rule,
)
from tests.access.world import PEOPLE, World

SIGN_IN = ("/account/login", "/desk/login", "/account/2fa", "/account/reauthenticate")


def routes(resolver: Any = None, spaces: str = "") -> Iterator[str]:
    """The names of all addresses, `app:name`; nameless ones as `app:?`."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLPattern):
            yield f"{spaces}{one.name or '?'}"
        elif isinstance(one, URLResolver):
            space = f"{one.namespace}:" if one.namespace else ""
            yield from routes(one, spaces + space)


def has_rule(name: str) -> bool:
    if name in RULES or name in OF_DJANGO or name.startswith(OF_THE_LIBRARY):
        return True
    bare = name.removeprefix("admin:")
    if bare in STEPS or bare in CLOSED_STEPS:
        return True
    model, _dash, page = bare.rpartition("_")
    return model in MODELS and page in {"changelist", "add", "change", "history", "delete"}


def without_rule() -> list[str]:
    return sorted({name for name in routes() if not has_rule(name)})


def test_every_address_has_a_rule():
    assert without_rule() == [], "Say in tests/access/rules.py whom these pages are for."


def test_no_rule_is_left_of_a_page_that_is_gone():
    known = set(routes())
    named = {*RULES, *(f"admin:{name}" for name in (*STEPS, *CLOSED_STEPS))}
    assert sorted(named - known) == []


class NewUrls:
    """The site and one more page, which nobody has thought about."""

    from cop.urls import handler500, urlpatterns

    urlpatterns = [*urlpatterns, path("secret-list/", View.as_view(), name="secret_list")]


def test_a_new_address_without_a_rule_is_noticed():
    with override_settings(ROOT_URLCONF=NewUrls):
        assert without_rule() == ["secret_list"]


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Any) -> World:
    settings.MEDIA_ROOT = tmp_path
    return World()


def expected(world: World) -> list[tuple[str, Rule, str]]:
    """(name, rule, address) of everything that can be opened."""
    found = [(name, rule, reverse(name, kwargs=rule.args(world))) for name, rule in RULES.items()]
    for model, (roles, path_to_row) in MODELS.items():
        lists = f"admin:{model}_changelist"
        who = roles | ADMIN | WIDER_LISTS.get(model, NOBODY) | ({"outsider"} if roles else set())
        found.append((lists, Rule(frozenset(who)), reverse(lists)))
        if path_to_row:
            row: Any = world
            for step in path_to_row.split("."):
                row = getattr(row, step)
            change = f"admin:{model}_change"
            found.append((change, Rule(roles | ADMIN), reverse(change, args=[row.pk])))
    for name, (roles, args) in STEPS.items():
        named = f"admin:{name}"
        found.append((named, Rule(roles | ADMIN), reverse(named, kwargs=args(world))))
    return found


def is_open(response: Any, rule: Rule) -> bool:
    if response.status_code in {301, 302}:
        return rule.goes_on and not response["Location"].startswith(SIGN_IN)
    return response.status_code in {200, 204, 206}


@pytest.mark.parametrize("who", PEOPLE)
def test_matrix(world: World, sign_in: Any, visitor: Any, who: str) -> None:
    client = sign_in(world.people[who] or visitor)
    client.raise_request_exception = True
    wrong = []
    for name, rule, url in expected(world):
        with transaction.atomic():
            response = getattr(client, rule.method)(url, rule.data)
            # What an act has done here must not decide about the next page.
            transaction.set_rollback(True)
        if is_open(response, rule) != (who in rule.who):
            wrong.append(f"{name}: {response.status_code} {response.get('Location', '')}")
    assert not wrong, f"{who}, not as the rules say:\n" + "\n".join(wrong)


@pytest.mark.parametrize("who", PEOPLE)
def test_acts_of_the_desk_are_closed_to_others(world: World, sign_in: Any, visitor: Any, who: str):
    """Those without the role of this community get no page and no act, by GET or by POST."""
    if who in {"coordinator", "admin", "facilitator", "librarian", "reviewer", "editor"}:
        pytest.skip("has work at this desk; each step has tests of its own")
    client = sign_in(world.people[who] or visitor)
    rows = {"meetings_meeting": world.meeting.pk, "library_resource": world.resource.pk}
    rows |= {"newsletter_issue": world.draft.pk, "members_evidence": world.evidence.pk}
    rows |= {"meetings_meetingseries": 1, "members_membershipapplication": world.application.pk}
    rows["members_rolegrant"] = world.people["coordinator"].role_grants.get().pk
    rows["members_partner"] = world.partner.pk
    rows["meetings_ballot"] = world.ballot.pk
    for name in CLOSED_STEPS:
        row = rows.get(name.rpartition("_")[0])
        try:
            # One that belongs to no row takes nothing.
            url = reverse(f"admin:{name}", args=[row] if row else [])
        except Exception:
            url = reverse(f"admin:{name}", args=[row, "challenge"])
        for method in (client.get, client.post):
            response = method(url)
            assert response.status_code in {302, 403, 404, 405}, (name, response.status_code)
            if response.status_code == 302:
                place = response["Location"]
                assert place.startswith(SIGN_IN) or place == "/desk/", (name, place)

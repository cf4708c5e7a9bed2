"""Links and ids that were not given to whoever uses them: nothing lost and nothing learnt.

Shown elsewhere, and not again here: forged, cut and re-signed links, those of another purpose and
too old ones, at every door that a signed link opens, and that all refusals read alike and take the
same time (tests/faults/test_web_tokens.py); every address by every person (tests/access); the
ways to a paper (views/test_papers.py); invitations used twice (views/test_invitations.py); ids of
another appeal (views/test_appeals.py); evidence and inquiries of another application at the desk
(admin/test_review_form.py, admin/test_review_inquiries.py). What people type: test_bad_input.py.
"""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.crypto import get_random_string

from cop.core.links import make_token
from members.models import Affiliation, Membership, MembershipApplication
from outbox.models import Delivery
from tests.access.rules import CLOSED_STEPS, MODELS, RULES, STEPS
from tests.access.world import World
from tests.faults.checksum import checksum

# The other parts of the site have tests of their own.
OWN = [
    name
    for name in RULES
    if name.startswith("members:")
    or name in {"stream_follow", "work_left", "work_primary"}
    or name.startswith(("my_", "organization_", "panel_"))
]
IDS = ("public_id", "evidence_id", "file_id", "inquiry_id", "tie_id")
# A later word in a check-in takes the place of the one before: only its minute changes.
RESTLESS = {"members_mentorshipcheckin"}
# Signed in, with nothing to do with the community here; and its own member, who is somebody else.
OTHERS = ("newcomer", "stranger", "outsider", "member")


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Any) -> World:
    settings.MEDIA_ROOT = tmp_path
    return World()


def plain(response: Any, args: dict[str, Any]) -> tuple[int, str, str]:
    """The answer without its address and its seal against forgery."""
    text = getattr(response, "content", b"").decode()
    for value in args.values():
        text = text.replace(str(value), "ID")
    where = response.get("Location", "")
    for value in args.values():
        where = where.replace(str(value), "ID")
    return response.status_code, where, re.sub(r"\b[A-Za-z0-9]{64}\b", "SEAL", text)


def with_ids(world: World) -> list[tuple[str, str, dict[str, Any]]]:
    """(name, id, arguments) for every id in the addresses of this app."""
    found = []
    for name in OWN:
        args = RULES[name].args(world)
        found += [(name, key, args) for key in IDS if key in args]
    return found


@pytest.mark.parametrize("who", OTHERS)
def test_not_yours_and_does_not_exist_are_the_same_answer(
    world: World, sign_in: Any, who: str
) -> None:
    client, told, asked = sign_in(world.people[who]), [], 0
    for name, key, args in with_ids(world):
        rule = RULES[name]
        if who in rule.who or (who == "member" and name == "members:letter_write"):
            continue
        none = args | {key: get_random_string(len(str(args[key])))}
        for method in ("get", "post"):
            before = checksum()
            real, void = (
                plain(getattr(client, method)(reverse(name, kwargs=one), rule.data), one)
                for one in (args, none)
            )
            asked += 1
            if real != void or real[0] in {200, 500}:
                told.append(f"{method} {name} by {key}: {real[0]} and {void[0]}")
            assert checksum() == before, name
    assert asked > 20
    assert not told, "\n".join(told)


def desk_rows(world: World) -> list[tuple[str, str, str]]:
    """(name, address of the row, address of a row that is not)."""
    found = []
    for model, (_roles, path) in MODELS.items():
        if not path or not model.startswith("members_"):
            continue
        row: Any = world
        for step in path.split("."):
            row = getattr(row, step)
        for page in ("change", "history"):
            name = f"admin:{model}_{page}"
            found.append((name, reverse(name, args=[row.pk]), reverse(name, args=[99_999_999])))
    for model, (_roles, args) in STEPS.items():
        if model.startswith("members_"):
            real = args(world)
            name, none = f"admin:{model}", real | {"pk": 99_999_999}
            found.append((name, reverse(name, kwargs=real), reverse(name, kwargs=none)))
    return found


def test_rows_of_another_community_are_like_rows_that_are_not(world: World, sign_in: Any) -> None:
    """A coordinator and reviewer of the neighbour, at the desk."""
    client, told = sign_in(world.people["outsider"]), []
    for name, real, none in desk_rows(world):
        for method in ("get", "post"):
            before = checksum()
            found = [getattr(client, method)(path, follow=False) for path in (real, none)]
            answers = [(one.status_code, one.get("Location", "")) for one in found]
            # Django's own words name the number in the address, which whoever asked has typed.
            if answers[0] != answers[1] or answers[0][0] not in {302, 403, 404}:
                told.append(f"{method} {name}: {answers}")
            assert checksum() == before, name
    assert not told, "\n".join(told)


def test_acts_on_rows_of_another_community_are_like_acts_on_nothing(
    world: World, sign_in: Any
) -> None:
    client, rows = sign_in(world.people["outsider"]), (world.application.pk, 99_999_999)
    for name in ("members_membershipapplication_step",):
        assert name in CLOSED_STEPS
        for step in ("approve", "decline", "request", "claim", "hold", ""):
            before = checksum()
            real, none = (
                client.post(reverse(f"admin:{name}", args=[pk]), {"step": step, "version": "1"})
                for pk in rows
            )
            assert real.status_code == none.status_code == 404
            assert checksum() == before


def test_the_own_page_still_answers(world: World, sign_in: Any) -> None:
    """The control: the same addresses do open for those they belong to."""
    opened = 0
    for name, _key, args in with_ids(world):
        for who in sorted(RULES[name].who)[:1]:
            if RULES[name].method == "get":
                found = sign_in(world.people[who]).get(reverse(name, kwargs=args))
                assert found.status_code in {200, 302}, name
                opened += 1
    assert opened > 8


@pytest.mark.parametrize(
    ("purpose", "view", "first", "again"),
    [
        ("still-here", "members:still_here", {"answer": "yes"}, {"answer": "yes"}),
        ("still-here", "members:still_here", {"answer": "leave", "sure": "1"}, {"answer": "yes"}),
        ("works-here", "members:works_here", {"do": "yes"}, {"do": "yes"}),
        ("check-in", "members:check_in", {"do": "good"}, {"do": "good"}),
    ],
)
def test_a_link_that_was_used_tells_how_it_stands_and_does_nothing_twice(
    world: World, purpose: str, view: str, first: dict[str, str], again: dict[str, str]
) -> None:
    client, path = Client(), reverse(view, args=[world.token(purpose)])
    if purpose == "works-here":
        Affiliation.objects.filter(pk=world.tie.pk).update(asked_at=world.now)
        first = again = first | {"tie": world.tie.public_id}
    assert client.post(path, first).status_code in {200, 302}
    before, mails = checksum(RESTLESS), Delivery.objects.count()

    for _tap in range(2):
        assert client.post(path, again).status_code in {200, 302}
    page = client.get(path)

    assert page.status_code == 200
    assert (checksum(RESTLESS), Delivery.objects.count()) == (before, mails)


def test_whoever_left_by_a_link_does_not_come_back_by_it(world: World) -> None:
    client, path = Client(), reverse("members:still_here", args=[world.token("still-here")])
    client.post(path, {"answer": "leave", "sure": "1"})
    assert Membership.objects.get(pk=world.membership.pk).state == "left"

    client.post(path, {"answer": "yes"})

    assert Membership.objects.get(pk=world.membership.pk).state == "left"


def test_a_link_names_a_person_of_another_house_in_vain(world: World) -> None:
    """The contact's own link, and the id of a tie to a house for which they do not speak."""
    mentor = Affiliation.objects.filter(organization__name="Elsewhere").get()
    path = reverse("members:works_here", args=[world.token("works-here")])
    before = checksum()

    real, none = (
        Client().post(path, {"do": "no", "tie": tie}) for tie in (mentor.public_id, "zzzzzzzzzzzz")
    )

    assert real.status_code == none.status_code == 404
    assert plain(real, {}) == plain(none, {})
    assert checksum() == before


@pytest.mark.parametrize(
    ("purpose", "view"),
    [
        ("still-here", "members:still_here"),
        ("works-here", "members:works_here"),
        ("check-in", "members:check_in"),
        ("answer-letter", "members:answer_letter"),
        ("invitation", "members:invitation"),
    ],
)
@pytest.mark.parametrize(
    "payload", [None, 0, "", "nobody", [], ["a"], ["a", "b"], ["a", 2026, "x"], {"a": 1}]
)
def test_a_true_seal_on_a_strange_payload_opens_nothing(
    world: World, purpose: str, view: str, payload: Any
) -> None:
    """As after a change of what a link holds: old ones say so, and break no page."""
    path = reverse(view, args=[make_token(purpose, payload)])
    before = checksum()

    assert Client().get(path).status_code == 404
    assert Client().post(path, {"do": "yes", "answer": "yes"}).status_code == 404
    assert checksum() == before


def test_an_application_of_somebody_else_is_not_answered_or_taken_back(
    world: World, sign_in: Any
) -> None:
    MembershipApplication.objects.filter(pk=world.application.pk).update(state="info_requested")
    client, own = sign_in(world.people["member"]), world.application.get_absolute_url()
    before = checksum()

    for path, data in ((own, {"answer": "It is mine."}), (f"{own}withdraw/", {"sure": "1"})):
        assert client.post(path, data).status_code == 404

    assert checksum() == before

"""The same person applies twice in the same moment, through the real page, on two connections."""

from collections.abc import Iterator
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import QuerySet
from django.test import Client

from members.actions import joining
from members.models import MembershipApplication, Organization
from outbox.models import Delivery
from tests.factories import make_community, make_organization, make_person

pytestmark = pytest.mark.django_db(transaction=True)
FORM = {"applying_as": "provider", "role_group": "front_line", "agreement": "on"}
INDEX = "application_one_open"


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")


def twice_at_once() -> list[Any]:
    """The two answers, of two browsers of one person, who works in two houses."""
    make_community("every-door")
    person, barrier, answers = make_person("Nia"), Barrier(2), []

    def send(client: Client, house: Organization) -> None:
        barrier.wait()
        try:
            answers.append(client.post(f"/every-door/join/?org={house.public_id}", FORM))
        finally:
            connections.close_all()

    clients = [Client(), Client()]
    for client in clients:
        client.force_login(person)
    threads = [Thread(target=send, args=[client, make_organization()]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.fixture
def meet_after_the_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the other, and both have looked before either writes."""
    barrier, look = Barrier(2), joining._check_may_apply

    def look_together(*args: Any) -> None:
        look(*args)
        barrier.wait(timeout=20)

    monkeypatch.setattr(joining, "_check_may_apply", look_together)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)


@pytest.fixture
def no_index(db: None) -> Iterator[None]:
    """Without the rule in the database itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [INDEX])
        definition = cursor.fetchone()[0]
        cursor.execute(f"DROP INDEX {INDEX}")
    yield
    MembershipApplication.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(definition)


def said(answer: Any) -> str:
    return answer.content.decode() if answer.status_code == 200 else "sent"


def test_two_at_once_are_one_application_and_one_mail() -> None:
    answers = twice_at_once()

    application = MembershipApplication.objects.get()
    assert Delivery.objects.filter(kind="application_received").count() == 1
    assert application.evidence.count() == 0
    for answer in answers:
        # The slower one is led to the same place, or told that one waits already.
        if answer.status_code == 302:
            assert answer["Location"] == application.get_absolute_url()
        else:
            assert "application" in said(answer)
            assert answer.status_code == 200


def test_the_rule_in_the_database_alone_holds_too(meet_after_the_look: None) -> None:
    answers = twice_at_once()

    assert MembershipApplication.objects.count() == 1
    assert Delivery.objects.filter(kind="application_received").count() == 1
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    assert any("You already have an open application" in said(answer) for answer in answers)


def test_without_both_there_would_be_two(no_index: None, meet_after_the_look: None) -> None:
    """The control: it is these two that keep it to one."""
    twice_at_once()

    assert MembershipApplication.objects.count() == 2

"""Streams that one follows, ground rules that have changed, consents that are asked again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from members.actions.agreements import save_agreement
from members.actions.directory import save_profile
from members.actions.partners import change_host
from members.actions.streams import add_stream
from members.models import AgreementAcceptance, DirectoryProfile, Partner, StreamChoice
from tests.conftest import CAST
from tests.factories import NOW, make_organization

BELONG = {"dani", "ally", "funder"}


@pytest.fixture
def stream(community, priya):
    return add_stream(community=community, kind="learn", name="Étude du soir", by=priya)


@pytest.mark.parametrize("who", CAST)
def test_stream_follow_is_for_those_who_belong(request, sign_in, stream, who):
    client = sign_in(request.getfixturevalue(who))

    response = client.post(f"/me/streams/{stream.public_id}/", {"follow": "no"})

    assert StreamChoice.objects.exists() == (who in BELONG)
    expected = 302 if who in BELONG | {"visitor"} else 404
    assert response.status_code == expected


def test_own_page_shows_streams_with_switches(sign_in, stream, dani):
    client = sign_in(dani)
    assert "Stop following" in client.get("/me/").content.decode()

    page = client.post(f"/me/streams/{stream.public_id}/", {"follow": "no"}, follow=True)

    text = page.content.decode()
    assert "You no longer follow Étude du soir." in text
    assert "you do not follow it" in text
    assert client.get(f"/me/streams/{stream.public_id}/").status_code == 405


@pytest.mark.parametrize("who", CAST)
def test_rules_are_read_again_by_those_who_belong(request, sign_in, community, priya, who):
    client = sign_in(request.getfixturevalue(who))
    save_agreement(community=community, lines=["New."], by=priya, now=NOW, asks_again=True)

    home = client.get("/every-door/").content.decode()
    page = client.get("/every-door/rules/")

    assert ("ground rules have changed" in home) == (who in BELONG)
    expected = {"visitor": 302}.get(who, 200 if who in BELONG else 404)
    assert page.status_code == expected
    client.post("/every-door/rules/")
    assert AgreementAcceptance.objects.count() == (1 if who in BELONG else 0)
    assert "ground rules have changed" not in client.get("/every-door/").content.decode()


def test_small_changes_ask_nobody(sign_in, community, priya, dani):
    save_agreement(community=community, lines=["Ask first."], by=priya, now=NOW)

    client = sign_in(dani)
    assert "have changed" not in client.get("/every-door/").content.decode()
    assert "I take part" not in client.get("/every-door/rules/").content.decode()


def test_consents_that_named_the_old_host_are_asked_on_ones_page(sign_in, community, priya, dani):
    Partner.objects.create(
        community=community, role="host", organization=make_organization("Tidewater")
    )
    before = timezone.now() - timedelta(days=1)
    save_profile(person=dani, community=community, now=before, is_listed=True)
    coast = make_organization("Coast")
    change_host(community=community, organization=coast, by=priya, now=before)
    client = sign_in(dani)
    assert "we ask you again" in client.get("/me/").content.decode()

    url = "/me/consents/every-door/"
    client.post(url, {"purpose": "directory", "answer": "yes"})

    assert DirectoryProfile.objects.get(person=dani).is_listed
    assert "we ask you again" not in client.get("/me/").content.decode()


@pytest.mark.parametrize("who", CAST)
def test_consent_renew_without_a_question_changes_nothing(request, sign_in, community, who):
    client = sign_in(request.getfixturevalue(who))
    response = client.post("/me/consents/every-door/", {"purpose": "directory", "answer": "yes"})

    assert response.status_code == (302 if who in BELONG | {"visitor"} else 404)
    assert not DirectoryProfile.objects.exists()

"""What an applicant shows: cards with fields of their own, kind questions, nothing lost."""

from datetime import date, timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from members.actions.kept_files import drop_old_files, keep_file
from members.kept_files import kept_path, kept_token
from members.models import Criterion, Evidence, MembershipApplication
from tests.factories import make_organization, make_person
from tests.members.conftest import make_photo

JOIN = "/every-door/join/"
FORM = {"applying_as": "provider", "role_group": "front_line", "agreement": "on"}
SHOWN = FORM | {"criterion": "REGISTERED", "REGISTERED-reference": "Moss Stair"}


def change(criterion, **fields):
    Criterion.objects.filter(pk=criterion.pk).update(**fields)


def body(response):
    return response.content.decode()


def hidden(response, name):
    """The value that the page hands back for a hidden field."""
    return response.context["form"].offers[0][name].value()


@pytest.fixture
def here(house):
    return f"{JOIN}?org={house.public_id}"


@pytest.fixture
def client(sign_in, newcomer):
    return sign_in(newcomer)


def test_cards_say_what_counts_and_where_it_is(client, community, criterion, here):
    change(
        criterion,
        examples="Lantern House, Surrey",
        not_enough="A society number.",
        accepted_kinds=["certificate", "public_listing"],
        issuers=["Assisted Living Registry"],
        check_url="https://registry.example/list",
    )
    text = body(client.get(here))

    for words in (
        "Lantern House, Surrey",
        "A society number.",
        "Certificate, Public listing",
        "Assisted Living Registry",
        'href="https://registry.example/list"',
        "registry.example ",
    ):
        assert words in text


@pytest.mark.parametrize("count", [1, 20])
def test_cards_cost_the_same_however_many(
    client, community, here, count, django_assert_max_num_queries
):
    for number in range(count):
        community.criteria.create(
            code=f"C{number}", label=f"Way {number}", help_text="Text", reference_label="Number"
        )
    with django_assert_max_num_queries(12):
        assert client.get(here).status_code == 200


@pytest.mark.parametrize(
    ("fields", "there", "missing"),
    [
        ({"level": "site", "validity": "twelve_months"}, "house", "valid_to"),
        ({"is_tied_to_address": True}, "house", "holder_name"),
        ({"level": "organization", "validity": "period"}, "valid_to", "house"),
        ({"accepted_kinds": ["certificate", "other"]}, "kind", "issuer"),
        ({"accepted_kinds": ["certificate"], "issuers": ["A", "B"]}, "issuer", "kind"),
    ],
)
def test_card_asks_what_its_criterion_needs(
    client, community, criterion, here, fields, there, missing
):
    change(criterion, **fields)
    text = body(client.get(here))

    assert f'name="REGISTERED-{there}"' in text
    assert f'name="REGISTERED-{missing}"' not in text


def test_what_the_paper_says_is_kept_on_the_row(client, community, criterion, house, here):
    change(
        criterion,
        is_tied_to_address=True,
        validity="period",
        accepted_kinds=["certificate", "funding_letter"],
        issuers=["North", "South"],
    )
    site = house.sites.create(name="ʔaq̓am House", city="Creston", region="interior")
    house.sites.create(name="Second Stair", city="Creston", region="interior")
    last = timezone.now().date() + timedelta(days=90)

    client.post(
        here,
        SHOWN
        | {
            "REGISTERED-house": "ʔaq̓am house, Creston",
            "REGISTERED-kind": "funding_letter",
            "REGISTERED-issuer": "South",
            "REGISTERED-valid_from": "2026-04-01",
            "REGISTERED-valid_to": last.isoformat(),
        },
    )

    row = Evidence.objects.get()
    assert (row.kind, row.issuer, row.site) == ("funding_letter", "South", site)
    assert (row.holder_name, row.valid_to) == ("ʔaq̓am house, Creston", last)
    assert row.valid_from == date(2026, 4, 1)


def test_a_house_that_is_not_ours_is_only_words(client, community, criterion, here):
    change(criterion, level="site")
    other = make_organization("Other")
    other.sites.create(name="Hidden House", city="Creston", region="interior")

    client.post(here, SHOWN | {"REGISTERED-house": "Hidden House"})

    assert Evidence.objects.get().site is None


def test_society_number_is_asked_about_once(client, community, criterion, here):
    change(criterion, doubt="society_number")
    data = SHOWN | {"REGISTERED-reference": "S-0071234"}

    asked = client.post(here, data)

    assert "looks like the number of a society" in body(asked)
    assert not MembershipApplication.objects.exists()

    data["REGISTERED-asked"] = hidden(asked, "asked")
    again = client.post(here, data | {"REGISTERED-reference": "S-0079999"})
    assert "looks like the number of a society" in body(again)

    client.post(here, data)
    row = Evidence.objects.get()
    assert (row.reference, row.state) == ("S-0071234", "submitted")


def test_period_in_the_past_is_said_and_not_taken(client, community, criterion, here):
    response = client.post(here, SHOWN | {"REGISTERED-valid_to": "2025-03-31"})

    assert "This period has ended" in body(response)
    assert not MembershipApplication.objects.exists()


def test_other_cards_are_not_read_and_keep_what_was_typed(client, community, criterion, here):
    community.criteria.create(code="LICENSED", label="L", help_text="T", reference_label="N")

    client.post(here, SHOWN | {"LICENSED-valid_to": "nonsense"})
    assert Evidence.objects.get().criterion == criterion


def test_nothing_is_shown_by_who_is_no_provider(client, community, criterion, here):
    client.post(here, SHOWN | {"applying_as": "ally_researcher", "REGISTERED-valid_to": "x"})

    assert MembershipApplication.objects.get().applying_as == "ally_researcher"
    assert not Evidence.objects.exists()


@pytest.mark.parametrize("chosen", ["REGISTERED", ""])
def test_file_comes_again_after_an_error(client, community, newcomer, here, chosen):
    data = SHOWN | {"criterion": chosen, "agreement": "", "motivation": "Nights are long."}

    first = client.post(here, data | {"REGISTERED-document": make_photo("our licence é.png")})
    text = body(first)
    assert "We have our licence é.png" in text
    assert "Nights are long." in text
    assert 'value="Moss Stair"' in text

    # Once more with an error, and no file: it still stays.
    token = hidden(first, "kept")
    second = client.post(here, data | {"REGISTERED-kept": token})
    assert "We have our licence é.png" in body(second)

    client.post(here, SHOWN | {"REGISTERED-kept": hidden(second, "kept")})
    row = Evidence.objects.get()
    assert row.document_name == "our licence é.png"
    assert row.document.read()[:4] == b"\x89PNG"
    assert not default_storage.exists(kept_path(newcomer.public_id))


def test_kept_file_of_somebody_else_does_not_come(client, community, criterion, here):
    other = make_person("Other Ola")
    upload = make_photo()
    from_other = kept_token(other.public_id, upload.name)

    response = client.post(
        here,
        FORM | {"criterion": "REGISTERED", "REGISTERED-kept": from_other},
    )

    assert "Give this, or a photo" in body(response)
    assert not MembershipApplication.objects.exists()


def test_kept_files_go_after_a_day(newcomer, checked_photo):
    keep_file(person=newcomer, upload=checked_photo)
    now = timezone.now()

    assert drop_old_files(now=now) == 0
    assert default_storage.exists(kept_path(newcomer.public_id))
    assert drop_old_files(now=now + timedelta(days=1, minutes=1)) == 1
    assert not default_storage.exists(kept_path(newcomer.public_id))


def test_text_left_behind_in_another_card_stops_nobody(client, community, criterion, here):
    data = SHOWN | {"criterion": ""}

    asked = client.post(here, data)
    assert "Choose what this paper shows" in body(asked)

    client.post(here, data | {"left_open": asked.context["form"]["left_open"].value()})
    assert MembershipApplication.objects.exists()
    assert not Evidence.objects.exists()

"""The list at the desk of those whom our mail does not reach."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from outbox.actions import update_subscriptions
from outbox.models import Suppression
from tests.conftest import CAST
from tests.factories import make_person
from tests.returns import DAY, NOW, Kind, note

LIST = "/desk/outbox/suppression/"


@pytest.mark.parametrize("who", CAST)
@pytest.mark.django_db
def test_returned_mail_is_for_its_own_staff(request, sign_in, reader, deliver, who):
    note(Kind.HARD_BOUNCE, deliver(reader, bulk=True))
    response = sign_in(request.getfixturevalue(who)).get(LIST)
    assert (reader.display_name.encode() in response.content) == (who in {"priya", "admin"})


@pytest.mark.django_db
def test_returned_mail_shows_people_and_never_a_hash(sign_in, reader, deliver, priya):
    note(Kind.HARD_BOUNCE, deliver(reader, bulk=True))
    row = Suppression.objects.get()
    client = sign_in(priya)
    for path in (LIST, f"{LIST}{row.pk}/change/", f"{LIST}?q=dani"):
        page = client.get(path).content.decode()
        assert reader.display_name in page
        assert row.address_hash not in page
    assert reader.display_name not in client.get(f"{LIST}?q=somebody-else").content.decode()


@pytest.mark.django_db
def test_other_staff_cannot_open_the_row(sign_in, reader, deliver, outsider):
    note(Kind.HARD_BOUNCE, deliver(reader, bulk=True))
    row = Suppression.objects.get()
    page = sign_in(outsider).get(f"{LIST}{row.pk}/change/", follow=True)
    assert reader.display_name not in page.content.decode()


@pytest.mark.django_db
def test_complaints_are_a_number_without_names(sign_in, reader, deliver, priya):
    note(Kind.COMPLAINT, deliver(reader, bulk=True))
    page = sign_in(priya).get(LIST).content.decode()
    assert "1 person called our mail spam" in page
    assert reader.display_name not in page


@pytest.mark.django_db
def test_list_asks_no_more_for_many(sign_in, reader, deliver, priya, community):
    client = sign_in(priya)

    def questions():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(LIST)
        return len(asked)

    note(Kind.HARD_BOUNCE, deliver(reader, bulk=True))
    few = questions()
    for number in range(20):
        person = make_person(f"Person {number}")
        update_subscriptions(
            person=person, scope=community.public_id, kinds={"newsletter"}, source="test",
            now=NOW - DAY,
        )  # fmt: skip
        note(Kind.HARD_BOUNCE, deliver(person, bulk=True))
    assert questions() <= few
    assert "Person 19" in client.get(LIST).content.decode()

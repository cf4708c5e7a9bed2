"""The list of outgoing mail at the desk."""

import pytest
from django.utils import timezone

from outbox.models import Delivery
from tests.conftest import CAST

LIST = "/desk/outbox/delivery/"


@pytest.fixture
def mail(community, dani):
    return Delivery.objects.create(
        key="changed:1", kind="changed", purpose="transactional", priority=1, person=dani,
        scope=community.public_id, subject="It moved", text="Stop: %%UNSUBSCRIBE_URL%%",
        due_at=timezone.now(), state="cancelled", reason="meeting cancelled",
        ended_at=timezone.now(),
    )  # fmt: skip


@pytest.mark.parametrize("who", CAST)
def test_outgoing_mail_is_for_its_own_staff(request, sign_in, mail, who):
    response = sign_in(request.getfixturevalue(who)).get(LIST)

    assert (b"It moved" in response.content) == (who in {"priya", "admin"})


def test_outgoing_mail_speaks_in_words(sign_in, mail, priya):
    client = sign_in(priya)
    listing = client.get(LIST).content.decode()
    page = client.get(f"{LIST}{mail.pk}/change/").content.decode()

    for words in ("All mail", "This week", "Meeting changed", "The meeting was cancelled."):
        assert words in listing
    assert "<h1>It moved</h1>" in page
    assert "(personal link)" in page
    assert "%%" not in page
    assert "/history/" not in page
    assert "/desk/members/user/" not in page
    assert client.get(f"{LIST}{mail.pk}/history/").status_code == 404

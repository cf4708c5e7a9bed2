import pytest

from outbox.actions import find_mailing_list, update_subscriptions
from outbox.models import Delivery, Purpose
from tests.returns import DAY, NOW


@pytest.fixture
def reader(community, dani):
    """Dani takes the newsletter and the invitations."""
    update_subscriptions(
        person=dani, scope=community.public_id, kinds={"newsletter", "invitations"},
        source="test", now=NOW - 200 * DAY,
    )  # fmt: skip
    return dani


@pytest.fixture
def deliver(community):
    """`deliver(person)`: a mail to them that has left."""
    numbers = iter(range(1000))

    def _deliver(person, *, bulk=False, **fields):
        purpose = Purpose.NEWSLETTER if bulk else Purpose.TRANSACTIONAL
        listing = find_mailing_list(community.public_id, "newsletter") if bulk else None
        return Delivery.objects.create(
            key=f"k{next(numbers)}", kind="test", purpose=purpose, priority=10, person=person,
            mailing_list=listing, scope=community.public_id, due_at=NOW, state="sent",
            ended_at=NOW, **fields,
        )  # fmt: skip

    return _deliver


@pytest.fixture
def bounce_settings(settings):
    settings.BOUNCE_ADDRESS = "bounces@cop.example"
    settings.MAIL_DOMAIN = "cop.example"

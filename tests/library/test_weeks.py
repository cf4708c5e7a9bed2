"""How often something was opened and taken: numbers by the week, and nobody behind them."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from library.actions.weeks import count_opened, count_taken
from library.models import ResourceWeek
from library.queries.using import weeks_of
from tests.core.uploads import PDF
from tests.factories import NOW
from tests.library.factories import make_resource

FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Firefox/145.0"}


def opened() -> int:
    return sum(ResourceWeek.objects.values_list("opened", flat=True))


def test_a_week_begins_on_the_monday_of_the_community(community):
    resource = make_resource(community)
    # Monday 30 November, 06:30 in London, is still Sunday in Vancouver.
    count_opened(resource=resource, now=datetime(2026, 11, 30, 6, 30, tzinfo=UTC))
    count_opened(resource=resource, now=datetime(2026, 11, 30, 7, 30, tzinfo=UTC))
    count_taken(resource=resource, now=datetime(2026, 11, 30, 7, 30, tzinfo=UTC))

    rows = ResourceWeek.objects.order_by("monday").values_list("monday", "opened", "taken")
    assert list(rows) == [(date(2026, 11, 23), 1, 0), (date(2026, 11, 30), 1, 1)]


def test_counting_is_one_statement(community):
    resource = make_resource(community)
    with CaptureQueriesContext(connection) as queries:
        count_opened(resource=resource, now=NOW)
    assert len(queries) == 1


@pytest.mark.django_db(transaction=True)
def test_all_at_once_are_all_counted(community):
    resource = make_resource(community)

    def work() -> None:
        for _one in range(10):
            count_opened(resource=resource, now=NOW)
        connection.close()

    threads = [threading.Thread(target=work) for _one in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ResourceWeek.objects.get().opened == 50


@pytest.mark.django_db(transaction=True)
def test_the_page_comes_where_nothing_can_be_written(client, community):
    resource = make_resource(community)
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    try:
        page = client.get(resource.get_absolute_url(), headers=FIREFOX)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")
    assert page.status_code == 200
    assert opened() == 0


@pytest.mark.parametrize(
    ("who", "number"), [("visitor", 1), ("ally", 1), ("dani", 0), ("priya", 0), ("admin", 0)]
)
def test_readers_are_counted_and_not_who_sent_it_or_keeps_it(
    request, sign_in, community, dani, who, number
):
    resource = make_resource(community, submitted_by=dani)
    client = sign_in(request.getfixturevalue(who))
    client.get(resource.get_absolute_url(), headers=FIREFOX)
    client.head(resource.get_absolute_url(), headers=FIREFOX)
    assert opened() == number


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"User-Agent": "facebookexternalhit/1.1"},
        {"User-Agent": "Slackbot-LinkExpanding 1.0"},
        {"User-Agent": "SkypeUriPreview Preview/0.5"},
        FIREFOX | {"Sec-Purpose": "prefetch;prerender"},
    ],
)
def test_robots_are_not_counted(client, community, headers):
    resource = make_resource(community)
    assert client.get(resource.get_absolute_url(), headers=headers).status_code == 200
    assert opened() == 0


def test_a_download_is_taken(sign_in, client, community, dani):
    resource = make_resource(
        community, submitted_by=dani, file=ContentFile(PDF, name="key"), file_name="a.pdf",
        file_type="pdf", file_size=len(PDF),
    )  # fmt: skip
    client.get(f"{resource.get_absolute_url()}file/", headers=FIREFOX)
    client.head(f"{resource.get_absolute_url()}file/", headers=FIREFOX)
    # The rest of a download that broke off is the same download.
    client.get(f"{resource.get_absolute_url()}file/", headers=FIREFOX | {"Range": "bytes=10-"})
    sign_in(dani).get(f"{resource.get_absolute_url()}file/", headers=FIREFOX)
    assert list(ResourceWeek.objects.values_list("opened", "taken")) == [(0, 1)]


def test_its_sender_sees_the_last_eight_weeks(sign_in, community, dani, ally, priya):
    resource = make_resource(community, submitted_by=dani, title="Night card")
    now = timezone.now()
    for weeks in range(10):
        for _one in range(2):
            count_opened(resource=resource, now=now - timedelta(weeks=weeks))
        count_taken(resource=resource, now=now - timedelta(weeks=weeks))
    assert weeks_of(resource, now) == (16, 8)

    words = "Opened 16 times, taken 8 times in the last 8 weeks"
    assert words in sign_in(dani).get(resource.get_absolute_url()).content.decode()
    assert words in sign_in(dani).get("/every-door/library/add/").content.decode()
    assert words in sign_in(priya).get(resource.get_absolute_url()).content.decode()
    desk = sign_in(priya).get(f"/desk/library/resource/{resource.pk}/change/").content.decode()
    assert "Opened 16 times, taken 8 times" in desk
    assert "Opened 16" not in sign_in(ally).get(resource.get_absolute_url()).content.decode()

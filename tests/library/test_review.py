"""What should be looked at again is found by the clock, and a person looks (L6)."""

from datetime import date, timedelta

import pytest

from library.actions import NotNow, confirm_resource, find_due, remind_of_reviews
from library.models import Resource
from outbox.models import Delivery
from tests.factories import NOW, make_person, make_staff
from tests.library.factories import make_resource

TODAY = NOW.date()
LIST = "/desk/library/resource/"


def states() -> list[str]:
    return list(Resource.objects.order_by("pk").values_list("state", flat=True))


def test_find_due(community):
    make_resource(community, review_due_on=TODAY)
    make_resource(community, review_due_on=TODAY + timedelta(days=1))
    make_resource(community)
    make_resource(community, review_due_on=TODAY, state="archived")
    make_resource(community, kind="recording", expires_on=TODAY)
    make_resource(community, kind="recording", expires_on=TODAY, state="review_due")

    for _run in range(2):
        find_due(now=NOW)
        assert states() == [
            "review_due", "published", "published", "archived", "archived", "archived",
        ]  # fmt: skip


def test_the_day_is_that_of_the_community(community):
    """17:00 UTC on the 26th; somewhere it is the 27th already."""
    make_resource(community, review_due_on=TODAY + timedelta(days=1))
    community.__class__.objects.filter(pk=community.pk).update(timezone="Pacific/Kiritimati")
    find_due(now=NOW)
    assert states() == ["review_due"]


def test_what_is_due_stays_in_the_library(client, community):
    resource = make_resource(community, title="Old card", review_due_on=TODAY)
    find_due(now=NOW)
    assert b"Old card" in client.get(f"/{community.slug}/library/").content
    page = client.get(resource.get_absolute_url()).content.decode()
    assert "We are checking whether this still holds" in page


@pytest.mark.parametrize(("kind", "days"), [("guideline", 365), ("slides", 730)])
def test_still_right(community, priya, kind, days):
    due = make_resource(community, kind=kind, state="review_due", review_due_on=TODAY)
    confirm_resource(resource=due, by=priya, now=NOW)
    due.refresh_from_db()
    assert (due.state, due.checked_by, due.checked_at) == ("published", priya, NOW)
    assert due.review_due_on == TODAY + timedelta(days=days)


def test_still_right_only_of_what_is_there(community, priya):
    with pytest.raises(NotNow):
        confirm_resource(resource=make_resource(community, state="archived"), by=priya, now=NOW)


class TestMail:
    @pytest.fixture
    def keeper(self, community):
        return make_staff(community, "librarian", "Lib Rarian")

    def test_once_a_month_and_person(self, community, keeper):
        for number in range(12):
            make_resource(community, title=f"Card {number}", state="review_due",
                          review_due_on=date(2026, 11, 1 + number))  # fmt: skip
        for moment in (NOW, NOW, NOW + timedelta(days=2)):
            remind_of_reviews(now=moment)
        mail = Delivery.objects.get(person=keeper)
        assert "12" in mail.subject
        assert "Card 0" in mail.text
        assert "2 more" in mail.text
        assert "queue=again" in mail.text
        assert mail.scope == community.public_id
        remind_of_reviews(now=NOW + timedelta(days=20))
        assert Delivery.objects.filter(person=keeper).count() == 2

    def test_what_has_a_steward_goes_to_them(self, community, keeper):
        steward = make_person("Stew Ard")
        make_resource(community, title="Kept", state="review_due", steward=steward)
        make_resource(community, title="Loose", state="review_due")
        remind_of_reviews(now=NOW)
        texts = {mail.person_id: mail.text for mail in Delivery.objects.all()}
        assert "Kept" in texts[steward.pk]
        assert "Loose" not in texts[steward.pk]
        assert "Loose" in texts[keeper.pk]
        assert "Kept" not in texts[keeper.pk]

    def test_no_mail_where_nothing_waits(self, community, keeper):
        make_resource(community)
        remind_of_reviews(now=NOW)
        assert not Delivery.objects.exists()


class TestDesk:
    @pytest.mark.parametrize(
        ("queue", "shown"), [("new", "Waits"), ("again", "Due"), ("links", "Broken")]
    )
    def test_the_queues(self, sign_in, community, priya, queue, shown):
        make_resource(community, title="Waits", state="in_review")
        make_resource(community, title="Due", state="review_due")
        make_resource(community, title="Broken", link_state="dead")
        make_resource(community, title="Fine")
        page = sign_in(priya).get(f"{LIST}?queue={queue}").content.decode()
        for title in ("Waits", "Due", "Broken", "Fine"):
            assert (f">{title}</a>" in page) == (title == shown)

    def test_still_right_by_its_step(self, sign_in, community, priya):
        due = make_resource(community, state="review_due", review_due_on=TODAY)
        client = sign_in(priya)
        assert "Still right" in client.get(f"{LIST}{due.pk}/change/").content.decode()
        client.post(f"{LIST}{due.pk}/confirm/")
        due.refresh_from_db()
        assert due.state == "published"

    def test_what_waits_longest_comes_first(self, sign_in, community, priya):
        make_resource(community, title="Published one")
        make_resource(community, title="First waiting", state="in_review")
        make_resource(community, title="Second waiting", state="in_review")
        page = sign_in(priya).get(LIST).content.decode()
        places = [page.index(t) for t in ("First waiting", "Second waiting", "Published one")]
        assert places == sorted(places)

    def test_the_list_asks_the_same_for_one_and_many(
        self, sign_in, community, priya, django_assert_max_num_queries
    ):
        client = sign_in(priya)

        def asked() -> int:
            with django_assert_max_num_queries(40) as seen:
                client.get(LIST)
            return len(seen)

        make_resource(community, submitted_by=make_person("One"))
        asked()
        one = asked()
        for number in range(22):
            make_resource(community, submitted_by=make_person(f"Person {number}"))
        assert asked() == one

    @pytest.mark.parametrize("language", ["en", "fr"])
    @pytest.mark.parametrize(("kind", "folded"), [("recording", 2), ("case_study", 2), ("tool", 3)])
    def test_what_other_kinds_have_is_folded_away(
        self, sign_in, community, priya, language, kind, folded
    ):
        resource = make_resource(community, kind=kind)
        client = sign_in(priya)
        client.cookies["django_language"] = language
        page = client.get(f"{LIST}{resource.pk}/change/").content.decode()
        assert page.count('class="module aligned collapse"') == folded

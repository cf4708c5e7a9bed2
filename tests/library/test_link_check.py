"""Once a week each link is asked; the first silence is forgiven."""

from datetime import timedelta

from cop.core.fetching import NotFetched, Reply
from library.actions.link_check import EVERY, check_links
from library.models import Resource
from tests.factories import NOW
from tests.library.factories import make_resource


def there(address):
    return Reply(200, address)


def gone(address):
    return Reply(404, address)


def silent(_address):
    raise NotFetched("it does not answer")


def states():
    return list(Resource.objects.order_by("pk").values_list("link_state", "link_problem"))


def test_each_link_once_a_week(community):
    make_resource(community)
    asked = []

    def asker(address):
        asked.append(address)
        return there(address)

    for days in (0, 1, 6, 7, 8):
        check_links(now=NOW + timedelta(days=days), asker=asker)
    assert len(asked) == 2
    assert states() == [("fine", "")]


def test_the_first_silence_is_forgiven_and_an_answer_mends_it(community):
    make_resource(community)
    for week, (asker, state) in enumerate(
        [(silent, "shaky"), (gone, "dead"), (silent, "dead"), (there, "fine"), (gone, "shaky")]
    ):
        check_links(now=NOW + week * EVERY, asker=asker)
        assert states()[0][0] == state
    assert states()[0][1] == "HTTP 404"


def test_one_of_each_host_at_a_time(community):
    for _number in range(3):
        make_resource(community, url="https://one.example/page")
    make_resource(community, url="https://two.example/page")

    assert check_links(now=NOW, asker=there) == 2
    assert check_links(now=NOW, asker=there) == 1


def test_only_what_is_shown_and_has_a_link(community):
    make_resource(community, state="withdrawn", return_reason="x")
    make_resource(community, url="", body="Text")

    assert check_links(now=NOW, asker=there) == 0


def test_a_link_that_changed_meanwhile_is_left_alone(community):
    resource = make_resource(community)

    def changes(address):
        Resource.objects.filter(pk=resource.pk).update(url="https://new.example/")
        return gone(address)

    check_links(now=NOW, asker=changes)
    assert states() == [("unknown", "")]


def test_many_of_one_host_keep_nobody_waiting(community):
    for number in range(12):
        make_resource(community, url=f"https://films.example/{number}")
    make_resource(community, url="https://last.example/")
    asked = []

    def asker(address):
        asked.append(address)
        return there(address)

    check_links(now=NOW, limit=2, asker=asker)
    assert asked == ["https://films.example/0", "https://last.example/"]


def test_the_desk_and_the_page_say_what_does_not_answer(client, sign_in, community, priya):
    resource = make_resource(community)
    for week in range(2):
        check_links(now=NOW + week * EVERY, asker=gone)
    assert (
        "does not answer at the moment" in client.get(resource.get_absolute_url()).content.decode()
    )
    page = sign_in(priya).get(f"/desk/library/resource/{resource.pk}/change/").content.decode()
    assert "HTTP 404" in page


def test_a_slice_ends_in_time(community):
    """The rest is for the next hour."""
    for number in range(3):
        make_resource(community, url=f"https://slow{number}.example/")
    assert check_links(now=NOW, seconds=0, asker=there) == 1
    assert check_links(now=NOW, asker=there) == 2

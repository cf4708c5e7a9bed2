"""The choices of mail on one's own page: several communities, each with its own form."""

from typing import Any

from members.models import Community, User
from tests.outbox.test_choices import on, tick


def test_own_page_changes_one_community_at_a_time(
    dani: User, community: Community, other_community: Community, sign_in: Any
) -> None:
    tick(dani, other_community, "newsletter")
    client = sign_in(dani)
    page = client.get("/me/mail/").content.decode()
    # A newsletter from outside is shown too, and nothing else of that community.
    assert page.count('type="checkbox"') == 4 + 1
    answer = client.post(
        "/me/mail/", {"community": community.slug, "do": "save", "lists": ["invitations"]}
    )
    assert on(dani) == {"newsletter", "invitations"}
    page = client.get(answer["Location"]).content.decode()
    assert page.count("It counts from now on.") == 1
    client.post("/me/mail/", {"community": other_community.slug, "do": "stop"})
    assert on(dani) == {"invitations"}
    client.post("/me/mail/", {"community": "nowhere", "do": "stop"})
    assert on(dani) == {"invitations"}

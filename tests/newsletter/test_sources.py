"""What gets into a draft: everything that happened, once, for whom it may be, with its reason."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meetings.models import Ballot, BallotOption, MeetingNotes, TopicProposal
from members.actions.naming import OWN_PAGE, TOLD_THE_TEAM, say_organization_named
from members.models import Affiliation
from newsletter.actions import hold_issue, make_draft
from newsletter.queries import EDITIONS, blocks_for
from newsletter.rules import MAX_ITEMS
from tests.factories import NOW, make_meeting, make_member, make_organization
from tests.newsletter.makers import make_issue, make_past_meeting, make_resource

pytestmark = pytest.mark.django_db


def draft(community, **fields):
    issue = make_issue(community, **fields)
    make_draft(issue=issue, now=NOW)
    issue.refresh_from_db()
    return issue


def rows(issue, *names):
    names = names or ("kind", "title", "edition")
    return list(issue.items.order_by("position").values_list(*names))


def make_ballot(community, **fields):
    values = {
        "title": "What next?", "state": "open", "opens_at": NOW - timedelta(days=3),
        "closes_at": NOW + timedelta(days=90),
    } | fields  # fmt: skip
    return Ballot.objects.create(community=community, **values)


def make_topic(community, title="Sleep and shifts", **fields):
    values = {"state": "open", "proposed_at": NOW - timedelta(days=20)} | fields
    return TopicProposal.objects.create(community=community, title=title, **values)


def test_votes_open_and_over_are_told_to_members_and_allies(community):
    make_ballot(community)
    make_ballot(community, title="Result", state="published", published_at=NOW - timedelta(days=1))
    make_ballot(community, title="Draft", state="draft")
    make_ballot(community, title="Off", state="cancelled")
    make_ballot(community, title="Long ago", state="published",
                published_at=NOW - timedelta(days=90))  # fmt: skip

    issue = draft(community)

    assert rows(issue) == [
        ("ballot", "What next?", "members_and_allies"),
        ("ballot", "Result", "members_and_allies"),
    ]
    assert "The vote closes on" in issue.items.first().why
    assert blocks_for(issue, ["public"]) == []


def test_a_vote_called_off_after_the_draft_is_out_of_the_mail(community):
    ballot = make_ballot(community)
    issue = draft(community)
    ballot.state, ballot.reason = "cancelled", "snow"
    ballot.save()
    assert blocks_for(issue, EDITIONS) == []


def test_the_question_of_the_month_is_the_one_most_wished_for(community):
    make_topic(community, "Fewer wish for it")
    wished = make_topic(community, "Sleep and shifts", language="fr")
    make_topic(community, "Not read yet", state="proposed")
    make_topic(community, "Has a meeting", state="scheduled")
    over = make_ballot(community, state="published", published_at=NOW - timedelta(days=90))
    BallotOption.objects.create(ballot=over, topic=wished, order=1, voters=9, dots=12)

    issue = draft(community)

    assert rows(issue, "kind", "title_fr", "edition") == [
        ("question_of_the_month", "Sleep and shifts", "members_and_allies")
    ]
    issue.state, issue.sent_at = "sent", NOW
    issue.save()
    later = draft(community, number=6, period_from=NOW.date() + timedelta(days=60))
    assert rows(later, "title") == [("Fewer wish for it",)]


def join(community, name, *, days_ago=3):
    organization = make_organization(name)
    person = make_member(community, f"Contact of {name}", organization=organization)
    Affiliation.objects.filter(person=person).update(
        state="confirmed", is_contact=True, confirmed_at=NOW
    )
    community.memberships.filter(person=person).update(
        joined_on=(NOW - timedelta(days=days_ago)).date()
    )
    return organization, person


def say(organization, community, by, given=True, **told):
    say_organization_named(
        organization=organization, community=community, person=by, given=given, now=NOW,
        **({"source": OWN_PAGE} | told),
    )  # fmt: skip


def test_an_organization_is_welcomed_only_with_its_latest_yes(community, other_community, priya):
    silent, _person = join(community, "Silent House")
    said_yes, contact = join(community, "Əlder House ʔa")
    took_back, other = join(community, "Was Named Once")
    join(community, "Here For Long", days_ago=200)
    say(said_yes, community, contact)
    say(took_back, community, other)
    say(took_back, community, other, given=False)

    issue = draft(community)

    assert rows(issue) == [("member_welcome", "Əlder House ʔa", "public")]
    assert [block.title for block in blocks_for(issue, ["public"])] == ["Əlder House ʔa"]
    say(said_yes, community, priya, given=False, source=TOLD_THE_TEAM, how="By phone")
    assert blocks_for(issue, EDITIONS) == []
    assert silent.pk != said_yes.pk


def test_notes_of_a_meeting_are_for_those_inside_even_where_it_was_public(community):
    for audience in ("public", "members_and_allies"):
        meeting = make_past_meeting(community, title=audience, audience=audience)
        MeetingNotes.objects.create(meeting=meeting, state="with_holder", may_share="Our notes")
    issue = draft(community)
    assert rows(issue, "text") == [("",), ("",)]
    MeetingNotes.objects.update(state="published")
    issue.delete()
    issue = draft(community)
    assert set(rows(issue, "title", "text")) == {
        ("public", ""),
        ("members_and_allies", "Our notes"),
    }
    # Whoever is not inside reads neither in the mail nor on the web.
    assert "Our notes" not in str([block.text for block in blocks_for(issue, ["public"])])


def test_the_result_is_told_though_the_vote_was(community):
    ballot = make_ballot(community)
    earlier = draft(community)
    assert rows(earlier, "source") == [(f"ballot:{ballot.public_id}",)]
    earlier.state, earlier.sent_at = "sent", NOW
    earlier.save()
    ballot.state, ballot.published_at = "published", NOW + timedelta(minutes=1)
    ballot.save()
    later = make_issue(community, number=6, period_from=NOW.date() + timedelta(days=60))
    make_draft(issue=later, now=NOW + timedelta(days=50))
    assert rows(later, "source") == [(f"result:{ballot.public_id}",)]


def test_a_vote_that_is_over_before_the_issue_leaves_is_not_in_it(community):
    make_ballot(community, closes_at=NOW + timedelta(days=3))
    assert rows(draft(community)) == []


def test_nothing_is_planned_after_the_programme(community):
    from newsletter.actions import make_due_drafts

    community.programme_end = NOW.date() - timedelta(days=1)
    community.save()
    make_due_drafts(now=NOW)
    assert not community.issues.exists()


def test_a_text_and_its_translation_are_one_piece_of_news(community):
    text = make_resource(community, title="House rules", visibility="public")
    make_resource(
        community, title="Règles", summary="En bref.", language="fr", translation_of=text,
        visibility="public",
    )  # fmt: skip
    hidden = make_resource(community, title="Open words", visibility="public")
    make_resource(
        community, title="Mots internes", language="fr", translation_of=hidden,
        visibility="members",
    )  # fmt: skip
    issue = draft(community)
    assert rows(issue, "title", "title_fr") == [("House rules", "Règles"), ("Open words", "")]


def test_what_was_withdrawn_or_narrowed_since_is_out_or_a_teaser(community):
    gone = make_resource(community, title="Gone", visibility="public")
    narrowed = make_resource(community, title="Narrowed", visibility="public")
    issue = draft(community)
    assert len(blocks_for(issue, ["public"])) == 2
    gone.state = "withdrawn"
    gone.save()
    narrowed.visibility = "members"
    narrowed.save()
    assert blocks_for(issue, ["public"]) == []
    (block,) = blocks_for(issue, EDITIONS)
    assert (block.title, block.is_teaser, block.text) == ("Narrowed", True, "")


def test_editors_read_what_not_everybody_will_and_why(community):
    make_resource(community, title="Case study", visibility="members")
    make_resource(community, title="For all", visibility="public")
    issue = draft(community)
    assert [row["title"] for row in issue.left_out] == ["Case study"]
    assert "title and link" in issue.left_out[0]["why"]


def test_a_held_issue_gives_its_items_to_the_next_and_a_skipped_one_does_not(community, priya):
    make_resource(community, title="Card", visibility="public")
    held = draft(community)
    next_one = {"number": 6, "period_from": NOW.date() + timedelta(days=60)}
    hold_issue(issue=held, by=priya, carries_over=True)
    taken = draft(community, **next_one)
    assert rows(taken, "title") == [("Card",)]
    taken.delete()
    community.issues.update(carries_over=False)
    assert rows(draft(community, **next_one), "title") == []


def test_hostile_titles_are_only_words(community):
    title = "<script>alert(1)</script> {{ x }} {% y %} %%UNSUBSCRIBE_URL%%"
    make_resource(community, title=title, summary=title, visibility="public")
    make_meeting(community, title=title, description=title, audience="public")
    issue = draft(community)
    assert {row[0] for row in rows(issue, "title")} == {title}


def crowd(community, count):
    for number in range(count):
        make_resource(community, title=f"Card {number}", visibility="public")
        make_past_meeting(community, title=f"Meeting {number}", audience="public")
        make_topic(community, f"Topic {number}")
        make_ballot(community, title=f"Vote {number}")


def queries_of_a_draft(community):
    issue = make_issue(community)
    with CaptureQueriesContext(connection) as captured:
        make_draft(issue=issue, now=NOW)
    issue.delete()
    return len([one for one in captured if "SAVEPOINT" not in one["sql"]])


def test_a_draft_of_many_asks_no_more_than_one_of_some(community):
    crowd(community, 30)
    some = queries_of_a_draft(community)
    crowd(community, 120)
    assert queries_of_a_draft(community) == some
    assert some <= 20


def test_there_is_room_for_so_many_and_the_rest_is_counted(community):
    crowd(community, 40)
    issue = draft(community)
    assert issue.items.count() <= MAX_ITEMS
    assert issue.items.filter(kind="new_resource").count() == 20
    assert issue.more == 20 + 30 + 36

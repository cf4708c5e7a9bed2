from datetime import date, timedelta

import pytest
from django.db.models import Model

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from members.actions.merging import merge_organizations
from members.models import (
    Affiliation,
    Appeal,
    Evidence,
    Membership,
    MembershipApplication,
    Organization,
    Partner,
    PersonalConsent,
    ReviewTask,
    Site,
)
from members.queries.mergers import pointing_at, preview_merge
from tests.factories import NOW, make_member, make_organization, make_person
from tests.library.factories import make_resource
from tests.members.conftest import apply


@pytest.fixture
def source(db):
    return make_organization(
        "Moss Stairs", legal_name="Moss Stair Society", domains=["moss.example"], phone="2505550142"
    )


@pytest.fixture
def target(house):
    return house


def merge(source, target, by):
    merge_organizations(source=source, target=target, by=by, now=NOW)
    source.refresh_from_db()
    target.refresh_from_db()


def tie(person, organization, **fields):
    return Affiliation.objects.create(person=person, organization=organization, **fields)


def fill(source: Organization, community) -> dict[type[Model], Model]:
    """One row of each table that points at an organization. A new table needs a line here."""
    person = make_member(community, "Dani")
    application = MembershipApplication.objects.create(
        community=community, person=make_person("Nia"), organization=source, submitted_at=NOW,
        due_on=NOW.date(),
    )  # fmt: skip
    criterion = community.criteria.get()
    rows = [
        Site.objects.create(organization=source, name="House", city="Nelson", region="interior"),
        tie(person, source),
        application,
        Evidence.objects.create(organization=source, criterion=criterion, submitted_at=NOW),
        Partner.objects.create(organization=source, community=community, role="host"),
        ReviewTask.objects.create(
            organization=source, community=community, kind="sample", opened_at=NOW,
            due_on=NOW.date(),
        ),
        Appeal.objects.create(
            application=application, ground="process", text="x", competitor=source,
            opened_at=NOW, due_on=NOW.date(),
        ),
        PersonalConsent.objects.create(
            person=person, community=community, purpose="organization_name", given=True,
            wording="1", host=source, source="test", at=NOW,
        ),
        make_resource(community, organization=source),
    ]  # fmt: skip
    membership = person.memberships.get()
    Membership.objects.filter(pk=membership.pk).update(delegate_for=source)
    return {type(row): row for row in [*rows, membership]}


def test_merge_organizations_loses_nothing_in_any_table(community, source, target, priya):
    """Walks all foreign keys of all apps: whoever adds one has to say here what a merge does."""
    rows = fill(source, community)
    keys = pointing_at(Organization)
    assert {key.model for key in keys} == set(rows), "Give `fill` a row of the new table."

    merge(source, target, priya)

    for key in keys:
        left = key.model._base_manager.filter(**{key.name: source})
        assert not left.exists(), f"{key} still points at the merged one"
        moved = key.model._base_manager.get(pk=rows[key.model].pk)
        assert getattr(moved, key.attname) == target.pk, f"{key} lost its row"
    assert (source.status, source.merged_into) == ("merged", target)


def test_merge_organizations_keeps_what_only_the_source_knew(source, target, priya):
    Organization.objects.filter(pk=target.pk).update(domains=["stair.example"], phone="604")

    merge(source, target, priya)

    assert (target.legal_name, target.phone) == ("Moss Stair Society", "604")
    assert target.domains == ["stair.example", "moss.example"]
    assert target.name == "Moss Stair Recovery House"


def test_merge_organizations_makes_one_tie_of_two(community, source, target, priya):
    person = make_member(community, "Dani")
    house = Site.objects.create(organization=source, name="H", city="Nelson", region="interior")
    claimed = tie(person, target, is_primary=True, started_on=date(2025, 1, 1))
    confirmed = tie(
        person, source, state="confirmed", confirmed_at=NOW, is_contact=True, is_primary=False,
        role_title="Night worker", started_on=date(2026, 1, 1), site=house,
    )  # fmt: skip
    task = ReviewTask.objects.create(
        community=community, kind="affiliation_silent", affiliation=claimed, opened_at=NOW,
        due_on=NOW.date(),
    )  # fmt: skip

    merge(source, target, priya)

    row = person.affiliations.get()
    assert (row.pk, row.organization, row.state) == (confirmed.pk, target, "confirmed")
    assert (row.is_contact, row.is_primary, row.role_title) == (True, True, "Night worker")
    assert (row.started_on, row.site) == (date(2025, 1, 1), house)
    task.refresh_from_db()
    assert task.affiliation == row
    event = AuditEvent.objects.get(action="affiliation_joined", scope=community.public_id)
    assert (event.object_id, event.old) == (confirmed.public_id, claimed.public_id)


def test_merge_organizations_keeps_the_earlier_of_two_confirmed_ties(source, target, priya):
    person = make_person("Dani")
    late = tie(person, target, state="confirmed", confirmed_at=NOW)
    early = tie(person, source, state="confirmed", confirmed_at=NOW - timedelta(days=9))

    merge(source, target, priya)

    assert list(person.affiliations.all()) == [early]
    assert not Affiliation.objects.filter(pk=late.pk).exists()


@pytest.mark.parametrize(("there", "stays"), [("claimed", "disputed"), ("confirmed", "confirmed")])
def test_merge_organizations_a_claim_does_not_wash_off_a_dispute(
    source, target, priya, there, stays
):
    person = make_person("Dani")
    tie(person, target, state=there)
    tie(person, source, state="disputed", is_contact=True)

    merge(source, target, priya)

    row = person.affiliations.get()
    assert row.state == stays
    # The flag of a tie that was never confirmed opens nothing.
    assert row.is_contact == (stays == "disputed")


def test_merge_organizations_keeps_ended_ties_beside_current_ones(source, target, priya):
    person = make_person("Dani")
    tie(person, source, state="ended", ended_on=date(2026, 1, 1))
    tie(person, target, state="confirmed")

    merge(source, target, priya)

    assert target.affiliations.count() == 2


def test_merge_organizations_never_doubles_a_vote(
    community, other_community, source, target, priya
):
    def delegate(where, organization, **fields):
        person = make_member(where, "Delegate")
        person.memberships.update(delegate_for=organization, **fields)
        return person.memberships.get()

    mine, theirs = delegate(community, target), delegate(community, source)
    alone = delegate(other_community, source)
    past = delegate(other_community, source, state="left", ended_on=NOW.date())
    held = delegate(
        other_community, target, state="suspended", suspended_until=NOW.date() + timedelta(9)
    )

    merge(source, target, priya)

    rows = [Membership.objects.get(pk=row.pk) for row in (mine, theirs, alone, past, held)]
    assert [row.delegate_for for row in rows] == [target, None, target, target, None]
    ended = AuditEvent.objects.filter(action="delegate_ended").values_list("object_id", flat=True)
    assert set(ended) == {theirs.public_id, held.public_id}


def test_merge_organizations_shows_one_partner_once(community, source, target, priya):
    for one, words in ((source, "Helps us."), (target, "")):
        Partner.objects.create(
            organization=one, community=community, role="knowledge", statement=words
        )
    Partner.objects.create(organization=source, community=community, role="host")

    merge(source, target, priya)

    rows = target.partnerships.order_by("role").values_list("role", "statement")
    assert list(rows) == [("host", ""), ("knowledge", "Helps us.")]


def test_merge_organizations_repoints_what_was_merged_before(source, target, priya):
    older = make_organization("Moss", status="merged", merged_into=source)

    merge(source, target, priya)

    older.refresh_from_db()
    assert older.merged_into == target


def test_merge_organizations_answers_what_waited(community, newcomer, source, target, priya):
    """Proposed twice by mistake: with the merger the known one's evidence and domain count."""
    Organization.objects.filter(pk=target.pk).update(domains=["people.example"])
    Organization.objects.filter(pk=source.pk).update(status="proposed")
    Evidence.objects.create(
        organization=target, criterion=community.criteria.get(), state="verified",
        submitted_at=NOW, checked_at=NOW, valid_to=date(2027, 3, 31),
    )  # fmt: skip
    application = apply(community, newcomer, organization=source)
    ReviewTask.objects.create(
        community=community, kind="possible_duplicate", organization=source, opened_at=NOW,
        due_on=NOW.date(),
    )  # fmt: skip
    assert application.is_open

    merge(source, target, priya)

    application.refresh_from_db()
    assert (application.organization, application.state) == (target, "approved")
    assert newcomer.memberships.get().category == "member"
    assert ReviewTask.objects.get(kind="possible_duplicate").done_by == priya


def test_merge_organizations_tells_a_reviewer_who_is_reading(
    community, newcomer, source, target, priya
):
    application = apply(community, newcomer, organization=source)

    merge(source, target, priya)

    assert MembershipApplication.objects.get().version == application.version + 1


def test_merge_organizations_writes_history_on_both_in_each_community(
    community, other_community, source, target, priya
):
    make_member(community, organization=source)
    make_member(other_community, organization=target)

    merge(source, target, priya)

    for one, action in ((source, "organization_merged"), (target, "organization_absorbed")):
        events = AuditEvent.objects.filter(object_id=one.public_id, action=action)
        assert {row.scope for row in events} == {community.public_id, other_community.public_id}


def test_merge_organizations_refuses_what_must_stay_two(
    community, other_community, source, target, priya, dani
):
    def refused(one=source, other=target, by=priya, words=""):
        with pytest.raises(ActionError, match=words):
            merge_organizations(source=one, target=other, by=by, now=NOW)

    refused(other=source, words="the same one")
    refused(other=make_organization("C", status="closed"), words="merged or closed")
    refused(other=make_organization("P", status="proposed"), words="Keep the known one")
    refused(other=make_organization("F", is_regulator_or_funder=True), words="regulates or funds")
    tie(priya, target)
    refused(words="Somebody else decides")
    priya.affiliations.all().delete()
    Evidence.objects.create(
        organization=source, criterion=other_community.criteria.get(), submitted_at=NOW
    )
    refused(words="Another community")
    refused(by=dani, words="Only reviewers")
    assert not Organization.objects.filter(status="merged").exists()


def test_preview_merge_counts_what_would_move(community, source, target):
    rows = fill(source, community)
    both = make_person("Both")
    tie(both, source, state="confirmed", is_contact=True)
    tie(both, target)
    make_member(community, "Voice").memberships.update(delegate_for=target)

    preview = preview_merge(source, target)

    assert dict(preview.moves)["Affiliations"] == 2
    assert len(preview.moves) == len(rows)
    assert (preview.people_in_both, preview.contacts, preview.votes_in_both) == (1, 1, 1)

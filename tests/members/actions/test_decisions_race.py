"""Two reviewers, two connections, one application: one decides, the other is told."""

from threading import Barrier, Thread

import pytest
from django.db import connections

from members.actions import approve_application, decline_application
from members.actions.bulk import approve_together
from members.actions.decisions import AlreadyDecided
from members.models import Evidence, Membership, MembershipApplication
from outbox.models import Delivery
from tests.factories import NOW, make_community, make_organization, make_person, make_staff
from tests.members.conftest import apply

ROUNDS = 5


def at_once(*calls):
    results, barrier = [], Barrier(len(calls))

    def run(call):
        barrier.wait()
        try:
            results.append(call())
        except Exception as error:
            results.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_at_once_one_decides_and_one_is_told():
    community = make_community("every-door")
    first, second = (make_staff(community, "reviewer", name) for name in ("Anneke", "Priya"))
    for _ in range(ROUNDS):
        application = apply(community, make_person("Nia"), organization=make_organization())
        same = MembershipApplication.objects.get(pk=application.pk)

        def approve(application=application):
            return approve_application(application=application, by=first, seen_version=1, now=NOW)

        def decline(same=same):
            return decline_application(
                application=same, by=second, seen_version=1, now=NOW, message="No",
                reason_codes=["NOT_IN_BC"],
            )  # fmt: skip

        results = at_once(approve, decline)

        application.refresh_from_db()
        refused = [result for result in results if isinstance(result, Exception)]
        assert [type(result) for result in refused] == [AlreadyDecided]
        member = Membership.objects.filter(person=application.person).exists()
        assert member == (application.state == "approved")
        mails = Delivery.objects.filter(person=application.person)
        assert mails.exclude(kind="application_received").count() == 1


@pytest.mark.django_db(transaction=True)
def test_send_my_application_twice_at_once_makes_one():
    community = make_community("every-door")
    person, house = make_person("Nia"), make_organization("House")

    results = at_once(*[lambda: apply(community, person, organization=house)] * 4)

    assert len([row for row in results if isinstance(row, MembershipApplication)]) == 1
    assert MembershipApplication.objects.count() == 1
    assert person.affiliations.count() == 1
    assert Delivery.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_taps_on_approve_together_welcome_each_once():
    community = make_community("every-door")
    reviewer = make_staff(community, "reviewer", "Anneke")
    house = make_organization("Moss Stair")
    Evidence.objects.create(
        organization=house, criterion=community.criteria.get(), state="verified",
        submitted_at=NOW, checked_at=NOW,
    )  # fmt: skip
    rows = [apply(community, make_person(name), organization=house) for name in ("Nia", "Sam")]

    def approve():
        return approve_together(
            organization=house, community=community, by=reviewer, now=NOW,
            seen_versions={row.pk: 1 for row in rows},
        )  # fmt: skip

    results = at_once(approve, approve)

    for decided in results:
        assert {row.pk for row in decided.approved} == {row.pk for row in rows}
        assert not decided.left
    assert Delivery.objects.filter(kind="welcome").count() == 2
    assert Membership.objects.filter(category="member").count() == 2

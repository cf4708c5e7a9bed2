"""The criteria that a community of recovery services begins with."""

import pytest

from cop.core.errors import ActionError
from members.actions.criteria import add_recovery_criteria
from members.models import Criterion

pytestmark = pytest.mark.django_db


def test_the_four_come_whole_in_both_languages(community, priya):
    community.criteria.all().delete()

    rows = add_recovery_criteria(community=community, by=priya)

    assert [row.code for row in rows] == ["LICENSED", "REGISTERED", "PROV_FUNDED", "FED_FUNDED"]
    for row in Criterion.objects.all():
        row.full_clean()
        for name in ("label", "help_text", "examples", "not_enough", "reference_label"):
            assert getattr(row, name)
            assert getattr(row, f"{name}_fr")
        assert row.accepted_kinds
        assert row.issuers


def test_what_is_there_is_not_doubled(community, priya):
    with pytest.raises(ActionError, match="There are criteria already"):
        add_recovery_criteria(community=community, by=priya)


def test_the_button_stands_where_none_are(community, priya, sign_in):
    page = f"/desk/members/community/{community.pk}/"
    button = "Begin with the four criteria"
    assert button not in sign_in(priya).get(f"{page}change/").content.decode()
    community.criteria.all().delete()
    assert button in sign_in(priya).get(f"{page}change/").content.decode()

    for _twice in range(2):
        sign_in(priya).post(f"{page}step/criteria/", {"confirmed": "1"})

    assert community.criteria.count() == 4

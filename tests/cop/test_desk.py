from datetime import date

import pytest

from cop.desk import streams_without_meetings, waiting_for
from members.actions.streams import add_stream, close_stream
from tests.factories import NOW, make_meeting


@pytest.fixture
def stream(community, priya):
    return add_stream(
        community=community, kind="learn", name="Étude du soir", by=priya,
        starts_on=date(2026, 1, 8),
    )  # fmt: skip


def quiet(person):
    return [str(one) for one in streams_without_meetings(person, NOW)]


def test_a_stream_without_a_meeting_for_half_a_year_is_named(community, stream, priya):
    assert quiet(priya) == ["Étude du soir"]
    line = next(one for one in waiting_for(priya, now=NOW) if "stream" in one.url)
    assert "Étude du soir" in line.note

    make_meeting(community, stream=stream, local_date=date(2026, 5, 1), state="held")
    assert quiet(priya) == ["Étude du soir"]
    make_meeting(
        community,
        stream=stream,
        local_date=date(2026, 12, 9),
        state="cancelled",
        cancel_reason="Ill",
    )
    assert quiet(priya) == ["Étude du soir"]
    make_meeting(community, stream=stream, local_date=date(2026, 12, 10))
    assert quiet(priya) == []


def test_a_new_stream_has_half_a_year_to_begin(community, stream, priya):
    for starts_on in (date(2026, 9, 1), None):
        stream.starts_on = starts_on
        stream.save(update_fields=["starts_on"])
        assert quiet(priya) == []


def test_a_closed_stream_is_not_named(community, stream, priya):
    add_stream(community=community, kind="share", name="Other", by=priya)
    close_stream(stream=stream, by=priya, now=NOW)
    assert quiet(priya) == []


@pytest.mark.parametrize("who", ["outsider", "dani", "ally"])
def test_quiet_streams_are_for_coordinators_of_the_community(request, stream, who):
    assert quiet(request.getfixturevalue(who)) == []

"""F39, ICS-6: moved, called off, on again; mails that come late, twice and in any order."""

import random
from datetime import date, timedelta

import pytest

from meetings import ics
from meetings.actions import cancel_meeting, restore_meeting, update_meeting
from meetings.models import Meeting
from outbox.models import Delivery
from tests.factories import make_meeting
from tests.meetings.calendar.client import MemoryCalendar, Told
from tests.meetings.conftest import NOW

pytestmark = pytest.mark.django_db
SEQUENCES, HISTORIES, SEED = 10_000, 12, 5546
HALF_HOUR = timedelta(minutes=30)


class Story:
    """One meeting, what is done with it, and every calendar part that Dani is ever sent."""

    def __init__(self, meeting, person, by, dice):
        self.meeting, self.person, self.by, self.dice = meeting, person, by, dice
        self.now, self.mails = NOW, []

    def fresh(self):
        return Meeting.objects.select_related("community").get(pk=self.meeting.pk)

    def do(self, action, **fields):
        # Each mail has left before the next change: the worst that a calendar can get.
        self.now += HALF_HOUR
        action(meeting=self.fresh(), by=self.by, now=self.now, **fields)
        self.gather()

    def gather(self):
        rows = Delivery.objects.filter(person=self.person).exclude(calendar="")
        self.mails += [one for one in rows.values_list("calendar", flat=True)]
        Delivery.objects.filter(person=self.person).delete()

    def move(self):
        day = date(2026, 12, 10) + timedelta(days=self.dice.randrange(1, 40))
        hour = self.meeting.local_time.replace(hour=self.dice.randrange(8, 18))
        self.do(update_meeting, changes={"local_date": day, "local_time": hour})

    def rename(self):
        """A typo is no news: same SEQUENCE, and nobody is written to."""
        self.do(update_meeting, changes={"title": f"Title {self.dice.randrange(10**6)}"})

    def call_off(self):
        self.do(cancel_meeting, reason="Snow.")

    def take_back(self):
        self.do(restore_meeting)

    def told(self):
        return [Told.read(text) for text in self.mails]


@pytest.fixture
def story(community, dani, priya, say):
    def _story(dice):
        meeting = make_meeting(community)
        say(dani, meeting=meeting)
        story = Story(meeting, dani, priya, dice)
        story.gather()
        return story

    return _story


def shown(meeting):
    """What a calendar should show at the end."""
    if meeting.state == Meeting.State.CANCELLED:
        return []
    whole = {"microsecond": 0}
    return [
        (ics.uid(meeting), meeting.starts_at.replace(**whole), meeting.ends_at.replace(**whole))
    ]


def ends(mails, *, heeds_sequence=True):
    calendar = MemoryCalendar(heeds_sequence)
    for one in mails:
        calendar.receive(one)
    return [entry[:3] for entry in calendar.shows()]


def shuffled(mails, dice):
    """Every mail at least once, some twice or three times, in any order."""
    twice = [one for one in mails for _ in range(dice.choice((1, 1, 2, 3)))]
    dice.shuffle(twice)
    return twice


def count_wrong(story, dice, rounds, **client):
    mails, right = story.told(), shown(story.fresh())
    return sum(ends(shuffled(mails, dice), **client) != right for _ in range(rounds))


def test_moved_five_times_called_off_and_on_again(story):
    dice = random.Random(SEED)
    tale = story(dice)
    for step in (*[tale.move] * 5, tale.call_off, tale.take_back):
        step()

    methods = [one.method for one in tale.told()]
    assert methods == ["REQUEST"] * 6 + ["CANCEL", "REQUEST"]
    assert len({one.uid for one in tale.told()}) == 1
    assert count_wrong(tale, dice, SEQUENCES // 2) == 0
    # Control: whoever believes the last mail is wrong most of the time.
    assert count_wrong(tale, dice, 500, heeds_sequence=False) > 250


def test_all_kinds_of_stories_end_right(story):
    """Also those that end with the meeting called off."""
    dice, wrong = random.Random(SEED + 1), 0
    for number in range(HISTORIES):
        tale = story(dice)
        for _step in range(8):
            if tale.fresh().state == Meeting.State.CANCELLED:
                tale.take_back()
            else:
                dice.choice((tale.move, tale.move, tale.rename, tale.call_off))()
        if number % 3 == 0 and tale.fresh().state != Meeting.State.CANCELLED:
            tale.call_off()
        wrong += count_wrong(tale, dice, SEQUENCES // 2 // HISTORIES + 1)
    assert wrong == 0


def test_numbers_only_rise_and_belong_to_one_plan(story):
    """ICS-3: as we send them, SEQUENCE and DTSTAMP never go back, and no number serves twice."""
    dice = random.Random(SEED + 2)
    tale = story(dice)
    for step in (tale.move, tale.rename, tale.move, tale.call_off, tale.take_back, tale.move):
        step()
    told = tale.told()

    assert [one.sequence for one in told] == [0, 1, 2, 3, 4, 5]
    assert sorted(told, key=lambda one: one.stamp) == told
    for text in tale.mails:
        lines = text.split("\r\n")
        stamp = next(line for line in lines if line.startswith("DTSTAMP:"))
        assert f"LAST-MODIFIED:{stamp.removeprefix('DTSTAMP:')}" in lines


def test_a_clock_that_goes_back_takes_no_stamp_back(story):
    tale = story(random.Random(SEED))
    tale.move()
    tale.now -= timedelta(hours=5)
    tale.move()
    first, second = tale.told()[-2:]
    assert second.sequence == first.sequence + 1
    assert second.stamp >= first.stamp

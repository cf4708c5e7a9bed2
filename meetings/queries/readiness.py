"""What a meeting still needs, and what each lack keeps from happening (MT1, MT2, F1, F4).

One truth for the list beside the form, for announcing, and for the list of meetings.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cop.core.time import comes_twice, say_clock
from meetings.models import Meeting, MeetingRole, Part
from meetings.models.formats import ON_THE_SPOT

# Front-line staff plan their shifts weeks ahead (MT2).
GOOD_NOTICE, SHORTEST_NOTICE = timedelta(days=21), timedelta(days=2)
# Where people speak of themselves or hear of hard things.
HEAVY_KINDS = (Meeting.Kind.LEARNING, Meeting.Kind.DIALOGUE)
# Each circle has its own (journey 3.2); of the other parts one is enough for all.
IN_EACH_CIRCLE = (Part.FACILITATOR, Part.ISSUE_HOLDER)


class Blocks(StrEnum):
    ANNOUNCING = "announcing"
    READY = "ready"
    WRAPPING = "wrapping"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Check:
    """`words`: what stands, or what to do. `thing`: what it needs, inside a sentence.

    `where`: a field of the form (`#id_…`) or the name of a page beside it.
    """

    code: str
    words: str
    is_done: bool
    blocks: Blocks
    where: str
    thing: str = ""

    @property
    def stops(self) -> bool:
        return not self.is_done and self.blocks == Blocks.ANNOUNCING


def readiness(meeting: Meeting, *, now: datetime) -> list[Check]:
    """All checks of a meeting that is still to come, in the order in which one works."""
    return [
        *facts_checks(meeting),
        _format_check(meeting),
        agenda_check(meeting),
        *_notice_checks(meeting, now),
        *_clock_checks(meeting),
        *_role_checks(meeting),
        *_care_checks(meeting),
        *_room_checks(meeting),
    ]


def what_stops(meeting: Meeting) -> list[Check]:
    """What must still be given before people can be told (MT1). Time is asked for elsewhere."""
    checks = [*facts_checks(meeting), _format_check(meeting), agenda_check(meeting)]
    checks += _recording_checks(meeting)
    return [check for check in checks if check.stops]


def is_ready(checks: list[Check]) -> bool:
    return all(check.is_done for check in checks if check.blocks != Blocks.NOTHING)


def facts_checks(meeting: Meeting) -> list[Check]:
    """What stands on the meeting itself: asks the database nothing, so a form can ask it too."""
    found = [
        _must("facilitator", _("A facilitator is named"), _("Name a facilitator"),
              _("a facilitator"), meeting.facilitator_id is not None),
        _must("audience", _("Who may come is said"), _("Say who may come"), _("who may come"),
              bool(meeting.audience)),
    ]  # fmt: skip
    if meeting.is_online:
        found.append(
            _must("join_url", _("The join link is there"), _("Add the join link"),
                  _("a join link"), bool(meeting.join_url))
        )  # fmt: skip
    if meeting.is_in_person:
        found.append(
            _must("place", _("The place is there"), _("Add the place"), _("a place"),
                  bool(meeting.place))
        )  # fmt: skip
    return found


def _must(field: str, done: str, todo: str, thing: str, is_done: bool) -> Check:
    words = done if is_done else todo
    return Check(field, words, is_done, Blocks.ANNOUNCING, f"#id_{field}", thing)


def _format_check(meeting: Meeting) -> Check:
    is_done = meeting.format_id is not None
    words = _("Format: %(name)s") % {"name": meeting.format} if is_done else _("Choose a format")
    return Check("format", words, is_done, Blocks.ANNOUNCING, "agenda", _("a format"))


def agenda_minutes(meeting: Meeting) -> int:
    return sum(step.minutes for step in meeting.agenda.all())


def agenda_check(meeting: Meeting) -> Check:
    """F1. Without any step there is nothing to add up, and that is said first."""
    planned, wanted = agenda_minutes(meeting), meeting.duration
    given = {"planned": planned, "wanted": wanted}
    is_done = planned == wanted
    if is_done:
        words = _("The agenda fills the %(wanted)d minutes") % given
    elif not planned:
        words = _("The agenda is empty")
    elif planned < wanted:
        words = _("The agenda has %(planned)d of %(wanted)d minutes: add some") % given
    else:
        words = _("The agenda has %(planned)d minutes, the meeting only %(wanted)d") % given
    thing = _("an agenda that fills its %(wanted)d minutes") % given
    return Check("agenda", words, is_done, Blocks.ANNOUNCING, "agenda", thing)


def _notice_checks(meeting: Meeting, now: datetime) -> list[Check]:
    """MT2, for what is not announced yet; afterwards it is as it is."""
    if meeting.state != Meeting.State.DRAFT:
        return []
    ahead = meeting.starts_at - now
    days = max(ahead.days, 0)
    if ahead <= timedelta(0):
        words = _("This day and time have gone by: choose another")
        return [Check("notice", words, False, Blocks.ANNOUNCING, "#id_local_date", "")]
    words = ngettext("%(n)d day ahead", "%(n)d days ahead", days) % {"n": days}
    if ahead < SHORTEST_NOTICE:
        words = _("Less than two days ahead: many cannot come any more")
    elif ahead < GOOD_NOTICE:
        words += ": " + _("people plan their shifts three weeks ahead")
    is_done = ahead >= GOOD_NOTICE
    return [Check("notice", words, is_done, Blocks.NOTHING, "#id_local_date")]


def _clock_checks(meeting: Meeting) -> list[Check]:
    """In the night when clocks go back, an hour comes twice: say which one is meant."""
    if not comes_twice(meeting.local_date, meeting.local_time, meeting.timezone):
        return []
    words = _("The clocks go back: %(clock)s comes twice that night. The first one is meant.")
    words %= {"clock": say_clock(meeting.local_time)}
    return [Check("clock", words, False, Blocks.NOTHING, "#id_local_time")]


def people_needed(meeting: Meeting) -> dict[str, int]:
    """Each part that the format asks for, and how many of it. Parts taken on the spot: none."""
    parts = list(meeting.format.roles) if meeting.format is not None else []
    # A coordinator is always there, and the facilitator stands on the meeting itself.
    named = [part for part in parts if part not in {*ON_THE_SPOT, Part.COORDINATOR}]
    if Part.FACILITATOR not in named:
        named.insert(0, Part.FACILITATOR)
    return {part: meeting.circles if part in IN_EACH_CIRCLE else 1 for part in named}


def people_named(meeting: Meeting) -> dict[str, int]:
    """How many stand for each part. A backup is not one of them."""
    found: dict[str, set[str]] = {}
    for role in meeting.roles.all():
        if role.state in MeetingRole.IN_FORCE and not role.is_backup:
            who = str(role.person_id or role.name)
            found.setdefault(role.part, set()).add(who)
    if meeting.facilitator_id is not None:
        found.setdefault(Part.FACILITATOR, set()).add(str(meeting.facilitator_id))
    return {part: len(people) for part, people in found.items()}


def _role_checks(meeting: Meeting) -> list[Check]:
    """F4: without its people a meeting is not ready; it can be announced all the same."""
    named = people_named(meeting)
    found = []
    for part, needed in people_needed(meeting).items():
        if part == Part.FACILITATOR and needed == 1:
            continue
        found.append(_role_check(Part(part), named.get(part, 0), needed))
    return found


def _role_check(part: Part, given: int, needed: int) -> Check:
    facts = {"part": part.label, "given": given, "needed": needed}
    is_done = given >= needed
    if needed > 1:
        words = _("%(part)s: %(given)d of %(needed)d, one for each circle") % facts
    else:
        words = _("%(part)s: named") % facts if is_done else _("%(part)s: nobody yet") % facts
    return Check(f"role_{part}", words, is_done, Blocks.READY, "roles", str(part.label))


def _care_checks(meeting: Meeting) -> list[Check]:
    found = []
    if meeting.kind in HEAVY_KINDS:
        found.append(_content_check(meeting))
    if meeting.content_note:
        words = _("A support person is on call") if meeting.support_person else _(
            "Name a support person: the content note says that it may be heavy"
        )  # fmt: skip
        found.append(_wish("support_person", words, bool(meeting.support_person)))
    found.append(_access_check(meeting))
    if meeting.is_online:
        words = _("People can join by phone") if meeting.dial_in else _(
            "Add a dial-in number: not everybody has a good connection"
        )  # fmt: skip
        found.append(_wish("dial_in", words, bool(meeting.dial_in)))
    found += _recording_checks(meeting)
    return found


def _content_check(meeting: Meeting) -> Check:
    words = _("The content note is there") if meeting.content_note else _(
        "Will it be about death, violence or loss? Then say so in the content note"
    )  # fmt: skip
    return _wish("content_note", words, bool(meeting.content_note))


def _access_check(meeting: Meeting) -> Check:
    is_done = meeting.access_by is not None
    words = _("People know until when they can ask for captions or sign language") if is_done else (
        _("Say until when people can ask for captions or sign language")
    )  # fmt: skip
    return _wish("access_by", words, is_done)


def may_not_record(kind: str, format_is_dialogue: bool, policy: str) -> bool:
    """Where people speak of themselves, not all of it can be recorded (MT7)."""
    is_dialogue = format_is_dialogue or kind == Meeting.Kind.DIALOGUE
    return is_dialogue and policy == Meeting.Recording.FULL


def _recording_checks(meeting: Meeting) -> list[Check]:
    by_format = meeting.format is not None and meeting.format.is_dialogue
    if not (by_format or meeting.kind == Meeting.Kind.DIALOGUE):
        return []
    if may_not_record(meeting.kind, by_format, meeting.recording_policy):
        words = _("A dialogue is not recorded: change that")
        thing = _("that a dialogue is not recorded")
        where = "#id_recording_policy"
        return [Check("recording_policy", words, False, Blocks.ANNOUNCING, where, thing)]
    is_off = meeting.recording_policy == Meeting.Recording.NONE
    words = _("Nothing is recorded") if is_off else _(
        "People speak of themselves here: better record nothing"
    )  # fmt: skip
    return [_wish("recording_policy", words, is_off)]


def _wish(field: str, words: str, is_done: bool) -> Check:
    return Check(field, words, is_done, Blocks.NOTHING, f"#id_{field}")


def seats_wanted(meeting: Meeting) -> int | None:
    """The seats there are to be: fewer than there are, while people give theirs back (RS4)."""
    return meeting.capacity if meeting.target_capacity is None else meeting.target_capacity


def _room_checks(meeting: Meeting) -> list[Check]:
    """Does the format carry so many people?"""
    if meeting.format is None:
        return []
    most, wanted = meeting.format.max_people * meeting.circles, seats_wanted(meeting)
    if wanted is not None and wanted <= most and meeting.going_count <= most:
        words = ngettext("%(n)d seat fits the format", "%(n)d seats fit the format", wanted)
        return [_wish("capacity", words % {"n": wanted}, True)]
    if wanted is None and meeting.format.max_people >= MANY and meeting.going_count <= most:
        return []
    circles = -(-max(meeting.going_count, wanted or 0, 1) // meeting.format.max_people)
    words = _("The format carries %(most)d people.") % {"most": most}
    if circles > meeting.circles:
        more = ngettext(
            "Set %(n)d circle, or %(most)d seats with a waitlist",
            "Set %(n)d circles, or %(most)d seats with a waitlist",
            circles,
        )
    else:
        more = _("Set %(most)d seats, so that the others are in line")
    words += " " + more % {"n": circles, "most": most}
    return [_wish("capacity", words, False)]


# A format for so many people needs no limit of its own.
MANY = 80

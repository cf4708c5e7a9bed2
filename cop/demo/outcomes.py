"""What came of the demo's meetings: who was there, what they thought, the notes."""

import random
from datetime import timedelta
from typing import Any

from meetings.models import Attendance, Feedback, Meeting, MeetingNotes, MeetingRole
from members.models import User

PARTS = {"speaker": "speaker", "issue_holder": "issue_holder"}


def make_parts(meeting: Meeting, row: dict[str, Any], people: dict[str, User]) -> None:
    """The speaker and the issue holder that the fixtures name."""
    MeetingRole.objects.bulk_create(
        MeetingRole(meeting=meeting, part=part, person=people[row[key]], state="accepted")
        for key, part in PARTS.items()
        if key in row
    )


def make_outcomes(meeting: Meeting, row: dict[str, Any], notes: str, rng: random.Random) -> None:
    """Attendance and feedback as the numbers of the fixtures say; notes where there are some."""
    stats = row["stats"]
    going = list(meeting.rsvps.filter(state="going").select_related("person").order_by("pk"))
    came = going[: stats["attended"]]
    Attendance.objects.bulk_create(
        Attendance(
            meeting=meeting,
            person=rsvp.person,
            state="partial" if rng.random() < 0.08 else "present",
            minutes=meeting.duration - rng.randint(0, 12),
            source="link" if rng.random() < 0.8 else "import",
            joined_at=meeting.starts_at + timedelta(minutes=rng.randint(-10, 6)),
            is_first=number < stats["first"],
            gave_feedback=number < stats["fb_n"],
        )
        for number, rsvp in enumerate(came)
    )
    worth, safe = (_around(stats[key], stats["fb_n"]) for key in ("worth", "safe"))
    rng.shuffle(safe)
    Feedback.objects.bulk_create(
        Feedback(meeting=meeting, worth=one, felt_safe=other,
                 will_use=rng.choice(["yes", "yes", "maybe"]))
        for one, other in zip(worth, safe, strict=True)
    )  # fmt: skip
    is_over = row["state"] == "wrapped"
    if is_over and notes:
        MeetingNotes.objects.create(
            meeting=meeting, ideas=notes, state="published", published_at=meeting.ends_at,
        )  # fmt: skip
    Meeting.objects.filter(pk=meeting.pk).update(
        unidentified_count=stats["unidentified"],
        attendance_saved_at=meeting.ends_at + timedelta(hours=1),
        notes_outcome=("published" if notes else "none") if is_over else "",
        recording_outcome="none" if is_over else "",
        wrapped_at=meeting.ends_at + timedelta(days=5) if is_over else None,
    )


def _around(mean: float, count: int) -> list[int]:
    """So many whole numbers from 1 to 5 with this mean."""
    total = round(mean * count)
    low, more = divmod(total, count)
    return [low + 1] * more + [low] * (count - more)

"""The lists of Zoom, Teams and Meet as people and minutes. No database."""

import pytest

from meetings.attendance_lists import ListRefused, TableRefused, read_listing, seconds_of, spellings

ZOOM = (
    "Meeting ID,Topic,Start Time,End Time\n"
    '"986 5432 1000","Night staff","12/10/2026 10:00","12/10/2026 11:30"\n'
    "\n"
    "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,"
    "In Waiting Room\n"
    "Dani Achebe-Roy,dani@house.example,10:00,10:40,40,No,No\n"
    "Dani Achebe-Roy,DANI@house.example,10:41,11:30,49,No,No\n"
    "Dani Achebe-Roy,dani@house.example,09:55,10:00,5,No,Yes\n"
    "Sam (Samira Khan),,10:02,11:30,88,Yes,No\n"
    "16045550123,,10:05,10:20,15,Yes,No\n"
)
TEAMS = (
    "1. Summary\nMeeting title\tNight staff, again\nAttended participants\t2\n\n"
    "2. Participants\n"
    "Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole\n"
    "Luc Théberge\t10:00\t11:31\t1h 30m 45s\tluc@heron.example\tluc@heron.example\tOrganizer\n"
    "Mei Halloran (Guest)\t10:03\t10:20\t17m 2s\t\t\tAttendee\n\n"
    "3. In-Meeting Activities\n"
    "Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole\n"
    "Luc Théberge\t10:00\t11:31\t1h 30m 45s\tluc@heron.example\tOrganizer\n"
)
MEET = (
    "First name,Last name,Email,Duration,Time joined,Time exited\n"
    "Bea,Castellano,bea@goat.example,1 hr 5 min,10:00 AM,11:05 AM\n"
    "Walter,Nyquist,,45 min,10:00 AM,10:45 AM\n"
)


def people(data):
    if isinstance(data, str):
        data = data.encode()
    return {one.name: (one.email, one.minutes) for one in read_listing(data).people}


def test_zoom_adds_up_comings_and_goings_without_the_waiting_room():
    assert read_listing(ZOOM.encode()).service == "zoom"
    assert people(ZOOM) == {
        "Dani Achebe-Roy": ("dani@house.example", 89),
        "Sam (Samira Khan)": ("", 88),
        "16045550123": ("", 15),
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_teams_is_read_in_any_encoding_and_without_its_diary(encoding):
    data = TEAMS.encode(encoding)
    assert read_listing(data).service == "teams"
    assert people(data) == {
        "Luc Théberge": ("luc@heron.example", 91),
        "Mei Halloran (Guest)": ("", 18),
    }


def test_meet_joins_first_and_last_names():
    assert read_listing(MEET.encode()).service == "meet"
    assert people(MEET) == {
        "Bea Castellano": ("bea@goat.example", 65),
        "Walter Nyquist": ("", 45),
    }


@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_semicolons_tabs_and_a_mark_at_the_beginning(separator):
    text = separator.join(["Nom complet", "Courriel", "Durée (minutes)"])
    text += "\n" + separator.join(["Zoé ʔa Noël", "zoe@maison.example", "30,5" if
                                   separator != "," else "30"])  # fmt: skip
    found = people("\ufeff" + text)
    assert list(found) == ["Zoé ʔa Noël"]


@pytest.mark.parametrize(
    ("words", "seconds"),
    [("65", 3900), ("1h 5m 3s", 3903), ("1 hr 5 min", 3900), ("00:45:12", 2712), ("45:12", 2712),
     ("1:05", 3900), ("1 h 5 min", 3900), ("", 0), ("soon", 0), ("-5", 0), ("99999999999999", 0),
     ("2 heures 3 minutes", 7380)],
)  # fmt: skip
def test_durations_in_the_ways_they_are_written(words, seconds):
    assert seconds_of(words) == seconds


def test_a_list_of_fifty_thousand_lines_is_read_and_ten_thousand_people_are_refused():
    head = "Name,Email,Duration\n"
    data = head + "".join(f"P{n % 900},p{n % 900}@x.example,1\n" for n in range(50_000))
    assert len(people(data)) == 900
    data = head + "".join(f"P{n},p{n}@x.example,1\n" for n in range(10_000))
    with pytest.raises(ListRefused, match="3,000 people"):
        read_listing(data.encode())


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\n\n  \n", b"hello", b"a,b,c\n1,2,3\n", b"PK\x03\x04rest", b"%PDF-1.7\n%\xe2\xe3",
        b"<html><body>Sign in</body></html>", b"\x00" * 500, b"Name,Email,Duration\n",
        "Name,Email\n".encode("utf-16"), b"\xff\xfe\x00",
        b"Name,Email\n" + b"x" * 30_000 + b",y\n",
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_a_sentence(data):
    with pytest.raises((ListRefused, TableRefused)) as refused:
        read_listing(data)
    assert str(refused.value).endswith((".", "?"))


def test_a_name_has_several_spellings():
    assert spellings("Sam (Samira Khan)") == ["sam samira khan", "sam", "samira khan"]
    assert spellings("  Zoë-Anne ") == ["zoe anne"]
    assert spellings("()") == []

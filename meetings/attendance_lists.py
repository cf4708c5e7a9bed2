"""The lists of participants that Zoom, Teams and Meet hand out, as people and whole minutes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from members.actions.imports.columns import fold
from members.actions.imports.texts import TableRefused, read_text

MAX_BYTES = 8 * 1024 * 1024
# Comings and goings; far more than any meeting has.
MAX_ROWS, MAX_PEOPLE = 60_000, 3_000
NAMES = {"name", "name original name", "full name", "participant", "participants", "user name",
         "nom", "nom nom d origine", "nom complet", "nom d utilisateur"}  # fmt: skip
FIRST, LAST = {"first name", "prenom"}, {"last name", "nom de famille", "surname"}
EMAILS = {"email", "e mail", "user email", "email address", "courriel", "adresse courriel",
          "adresse e mail", "adresse de courriel", "e mail de l utilisateur"}  # fmt: skip
# Teams gives the sign-in name, which is an address too, where it has no other.
UPNS = {"participant id upn", "upn", "id de participant upn"}
MINUTES = {"total duration minutes", "duration minutes", "in meeting duration", "duration",
           "time in call", "duree", "duree minutes", "duree totale minutes",
           "duree dans la reunion", "duree de la reunion"}  # fmt: skip
WAITING = {"in waiting room", "en salle d attente", "dans la salle d attente"}
SECTION = re.compile(r"\s*\d+\.\s")
LONGEST_HOURS = 5
PARTS = re.compile(
    r"(?P<n>\d+)\s*(?P<unit>hours?|heures?|hrs?|h|minutes?|mins?|m|seconds?|secondes?|secs?|s)\b",
    re.IGNORECASE,
)


class ListRefused(ActionError):
    """We cannot read this as a list of participants. The text says what to do instead."""


@dataclass
class Listed:
    """One person of the list. `name` as the service showed it; `minutes` over all rows."""

    line: int
    name: str
    email: str
    seconds: int = 0

    @property
    def minutes(self) -> int:
        return -(-self.seconds // 60)


@dataclass(frozen=True)
class Listing:
    service: str
    people: list[Listed]


def read_listing(data: bytes) -> Listing:
    """Raises ListRefused or TableRefused with a sentence for the person who sent the file."""
    if not data.strip():
        raise ListRefused(_("This file is empty. Download the list once more and send it again."))
    if len(data) > MAX_BYTES:
        raise ListRefused(
            _("This file is larger than 8 MB. A list of participants is much smaller: is it the "
              "right file?")
        )  # fmt: skip
    if data[:4] == b"PK\x03\x04":
        raise ListRefused(
            _("This is an Excel file. Save it as CSV, or download the list as CSV, and send that.")
        )
    for separator in ("", "\t", ",", ";"):
        found = _people(read_text(data, separator))
        if found is not None:
            return found
    raise ListRefused(
        _("We found no row of headings with names in this file. Send the list of participants "
          "as Zoom, Teams or Meet gives it, with its headings.")
    )  # fmt: skip


def _people(rows: Iterator[tuple[int, list[str]]]) -> Listing | None:
    places: dict[str, int] = {}
    found: dict[str, Listed] = {}
    service = ""
    for number, cells in rows:
        if number > MAX_ROWS:
            raise ListRefused(
                _("This list has more than %(most)s rows. Is it the right file?")
                % {"most": f"{MAX_ROWS:,}"}
            )
        if not places:
            places = _places(cells)
            service = _service(cells, places)
        elif len([c for c in cells if c.strip()]) == 1 and SECTION.match(cells[0]):
            # Teams: below the participants comes the same again, as a diary.
            break
        else:
            _count(found, number, cells, places)
    if not places:
        return None
    if not found:
        raise ListRefused(_("There is nobody below the headings of this list."))
    if len(found) > MAX_PEOPLE:
        raise ListRefused(
            _("There are more than %(most)s people in this list. Is it the right file?")
            % {"most": f"{MAX_PEOPLE:,}"}
        )
    return Listing(service, list(found.values()))


def _places(cells: list[str]) -> dict[str, int]:
    """Where the columns are; nothing unless there is a name and something besides."""
    words = [fold(cell) for cell in cells]
    known = {"name": NAMES, "first": FIRST, "last": LAST, "email": EMAILS, "upn": UPNS,
             "minutes": MINUTES, "waiting": WAITING}  # fmt: skip
    places = {
        key: next(at for at, word in enumerate(words) if word in names)
        for key, names in known.items()
        if any(word in names for word in words)
    }
    has_name = "name" in places or "first" in places
    return places if has_name and places.keys() & {"minutes", "email", "upn"} else {}


def _service(cells: list[str], places: dict[str, int]) -> str:
    words = {fold(cell) for cell in cells}
    if "first" in places:
        return "meet"
    if "upn" in places or "in meeting duration" in words:
        return "teams"
    if words & {"user email", "name original name", "total duration minutes"}:
        return "zoom"
    return "other"


def _count(found: dict[str, Listed], number: int, cells: list[str], places: dict[str, int]) -> None:
    def cell(key: str) -> str:
        at = places.get(key, -1)
        return " ".join(cells[at].split()) if 0 <= at < len(cells) else ""

    name = cell("name") or f"{cell('first')} {cell('last')}".strip()
    email = (cell("email") or cell("upn")).lower()
    email = email[:254] if "@" in email else ""
    if not (name or email) or fold(cell("waiting")) in {"yes", "oui"}:
        return
    key = email or f"name:{fold(name)}"
    row = found.setdefault(key, Listed(number, name[:200], email))
    row.seconds += seconds_of(cell("minutes"))


def seconds_of(words: str) -> int:
    """“65”, “1h 5m 3s”, “1 hr 5 min”, “00:45:12”: so many seconds. What is unclear counts 0."""
    words = words.strip()
    if re.fullmatch(r"\d{1,5}([.,]\d+)?", words):
        return int(float(words.replace(",", ".")) * 60)
    if re.fullmatch(r"\d{1,3}(:\d{1,2}){1,2}", words):
        numbers = [int(part) for part in words.split(":")]
        if len(numbers) == 2:
            # 1:05 is an hour and five minutes, 45:12 no two days.
            numbers = [*numbers, 0] if numbers[0] <= LONGEST_HOURS else [0, *numbers]
        hours, minutes, seconds = numbers
        return hours * 3600 + minutes * 60 + seconds
    size = {"h": 3600, "m": 60, "s": 1}
    return sum(int(p["n"][:5]) * size[p["unit"][0].lower()] for p in PARTS.finditer(words))


def spellings(name: str) -> list[str]:
    """“Sam (Samira Khan) #2” may be Sam or Samira Khan: folded, the whole first."""
    bare = re.sub(r"\([^)]*\)", " ", name)
    inside = re.findall(r"\(([^)]*)\)", name)
    return list(dict.fromkeys(filter(None, (fold(n) for n in [name, bare, *inside]))))


__all__ = ["ListRefused", "Listed", "Listing", "TableRefused", "read_listing", "spellings"]

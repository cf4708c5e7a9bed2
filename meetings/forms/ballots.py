"""What comes back from a ballot paper. Whether it is allowed is asked by the action."""

from collections.abc import Mapping

MARK = "dots-"
# Longer numbers are nobody's tap.
LONGEST = 9


def read_dots(data: Mapping[str, str]) -> dict[int, int]:
    """option -> dots. What is no number becomes -1, which the action refuses."""
    found = {}
    for name, value in data.items():
        if not name.startswith(MARK):
            continue
        option = read_number(name.removeprefix(MARK))
        if value.strip() not in {"", "0"}:
            found[option] = read_number(value)
    return found


def read_number(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST else -1

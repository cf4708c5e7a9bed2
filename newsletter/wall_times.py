"""Times of day in a text that do not say in which zone: an hour off is what people miss (TZ2)."""

import re

TIME = re.compile(
    r"""\b(?:[01]?\d|2[0-3])\s?[:h]\s?[0-5]\d(?:\s?(?:[ap]m\b|[ap]\.m\.))?   # 10:00, 15 h 30
      | \b(?:1[0-2]|[1-9])\s?(?:[ap]m\b|[ap]\.m\.)                    # 3 pm
      | \b(?:[01]?\d|2[0-3])\s?h\b                                    # 15 h
      | \b(?:noon|midnight|midi|minuit)\b""",
    re.VERBOSE | re.IGNORECASE,
)
LONG = re.compile(
    r"""\b(?:pacific|mountain|central|eastern|atlantic|newfoundland)\s+(?:standard\s+|daylight\s+)?
        (?:time)\b
      | \b(?:pacific|mountain|central|eastern|atlantic|newfoundland)\b(?=\W*$|\W*[,;)])
      | \bheure\s+(?:locale|normale|avancée|d[ue’']|de\s)
      | \b(?:utc|gmt)\b | \b(?:local|your|vancouver)\s+time\b | \btime\s+zone\b | \bfuseau\b""",
    re.VERBOSE | re.IGNORECASE,
)
SHORT = re.compile(r"\b(?:[PMCEAN][SD]?T|H[NA][PRCEAT])\b")
SENTENCE = re.compile(r"(?<=[.!?])(?<![ap]\.m\.)\s+(?=[^\W\d_])|\n+")


def times_without_zone(text: str) -> list[str]:
    """The times in `text` in whose sentence no zone is named, as they stand there."""
    found = []
    for sentence in SENTENCE.split(text):
        times = [match.group().strip() for match in TIME.finditer(sentence)]
        if times and not _names_zone(sentence):
            found += times
    return list(dict.fromkeys(found))


def _names_zone(sentence: str) -> bool:
    return bool(LONG.search(sentence) or SHORT.search(sentence))

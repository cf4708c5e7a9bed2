"""The columns of the table: their names in both languages, and cells from text to value."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import translation
from django.utils.translation import gettext as _

from library.models import Resource, Visibility
from members.actions.imports.widgets import NO, YES, Day

# Column -> what people may call it. The first one stands in the template and in exports.
NAMES = {
    "file": ["file", "fichier", "file name", "nom du fichier"],
    "url": ["url", "link", "lien", "adresse", "web"],
    "body": ["text", "texte", "body", "contenu"],
    "title": ["title", "titre", "name", "nom"],
    "summary": ["summary", "résumé", "description"],
    "kind": ["kind", "type", "genre", "sorte"],
    "language": ["language", "langue"],
    "topics": ["topics", "thèmes", "sujets", "topic", "thème", "tags", "mots-clés"],
    "rights": ["rights", "droits", "license", "licence"],
    "visibility": ["visibility", "visibilité", "who may see it", "qui peut la voir"],
    "publisher": ["publisher", "éditeur"],
    "edition": ["edition", "édition"],
    "date_of_source": ["date", "date of the source", "date de la source"],
    "audience_tags": ["audience", "public", "for whom", "pour qui"],
    "stream": ["stream", "volet"],
    "source": ["made by", "source", "auteur", "author", "fait par"],
    "sensitivity": ["sensitivity", "sensibilité"],
    "sensitivity_note": ["sensitivity note", "note de sensibilité"],
    "evidence": ["evidence", "appui"],
    "used_where": ["used where", "où utilisée"],
    "limits": ["limits", "limites"],
    "is_external": ["external", "externe"],
    "reading_minutes": ["minutes"],
}
# Written out, and left alone when it comes back.
IGNORED = ["address", "published"]
CONTENT = ("file", "url", "body")
# A cell that begins like this may run as a formula in the reader's program.
FORMULA = "=+-@\t\r\n＝＋－＠"
MOST_TOPICS = 6


def fold(text: str) -> str:
    """Without accents, case and signs: how names are compared."""
    plain = unicodedata.normalize("NFKD", str(text).casefold())
    kept = (c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join("".join(kept).split())


COLUMN_OF = {fold(name): column for column, names in NAMES.items() for name in [column, *names]}


def guard(value: object) -> str:
    """A cell that no program takes for a formula, and that reads back as the same text."""
    text = "" if value is None else str(value)
    text = "".join(c for c in text if unicodedata.category(c) != "Cc" or c in "\t\r\n")
    return f"'{text}" if text.lstrip("' ").startswith(tuple(FORMULA)) else text


def unguard(text: str) -> str:
    is_guarded = text.startswith("'") and text.lstrip("' ").startswith(tuple(FORMULA))
    return text[1:] if is_guarded else text


def read_choice(text: str, choices: Iterable[tuple[Any, Any]]) -> str:
    """By its code or its name in either language. Raises ValueError with a sentence."""
    wanted, known = fold(text), {}
    pairs = [(str(code), label) for code, label in choices if code]
    for code, label in pairs:
        known[fold(code)] = code
        for language in ("en", "fr"):
            with translation.override(language):
                known.setdefault(fold(label), code)
    if wanted in known:
        return known[wanted]
    raise ValueError(
        _("We do not know “%(text)s”. These work: %(words)s.")
        % {"text": text[:60], "words": ", ".join(code for code, _label in pairs)}
    )


CHOICES: dict[str, Any] = {
    "kind": Resource.Kind.choices,
    "language": settings.LANGUAGES,
    "rights": Resource.Rights.choices,
    "visibility": Visibility.choices,
    "sensitivity": Resource.Sensitivity.choices,
    "evidence": Resource.Evidence.choices,
}
LONGEST = {"summary": 4_000, "body": 50_000, "used_where": 4_000, "limits": 4_000}
ONE_LINE = ("title", "publisher", "edition", "source", "sensitivity_note")


def read_cell(column: str, text: str) -> Any:  # noqa: ANN401
    """The value of a cell that is not empty. Raises ValueError with a sentence."""
    if column in CHOICES:
        return read_choice(text, CHOICES[column])
    if column == "url":
        return read_url(text)
    if column == "date_of_source":
        return _read_date(text)
    if column in {"topics", "audience_tags"}:
        return _read_words(text, 60 if column == "topics" else 40)
    if column == "is_external":
        return _read_yes(text)
    if column == "reading_minutes":
        return _read_minutes(text)
    return _read_text(column, text)


def read_url(text: str) -> str:
    url = text.strip()
    url = url if "://" in url else f"https://{url}"
    try:
        URLValidator(schemes=["http", "https"])(url)
        has_name = urlsplit(url).username is not None
    except (ValidationError, ValueError) as error:
        raise ValueError(_("“%(text)s” is no address of a page.") % {"text": text[:60]}) from error
    if has_name:
        raise ValueError(_("The link has a name or a password in it. Take that part out."))
    if len(url) > 500:
        raise ValueError(_("The link is longer than 500 signs."))
    return url


def _read_date(text: str) -> date | None:
    day: date | None = Day().clean(text)
    return day


def _read_words(text: str, most: int) -> list[str]:
    words = re.split(r"[;|]" if re.search(r"[;|]", text) else ",", text)
    clean = [" ".join(word.split())[:most].strip() for word in words]
    clean = [word.lower() for word in clean] if most == 60 else clean
    return list(dict.fromkeys(word for word in clean if word))


def _read_yes(text: str) -> bool:
    word = text.strip().casefold()
    if word not in YES | NO:
        raise ValueError(_("Write yes or no, not “%(text)s”.") % {"text": text[:60]})
    return word in YES


def _read_minutes(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text.strip()):
        raise ValueError(_("“%(text)s” is no number of minutes.") % {"text": text[:60]})
    return int(text)


def _read_text(column: str, text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if column in ONE_LINE:
        text = " ".join(text.split())
    most = LONGEST.get(column) or Resource._meta.get_field(column).max_length
    if len(text) > most:
        raise ValueError(
            _("“%(text)s” … has %(count)s signs; the longest we keep has %(most)s.")
            % {"text": text[:30], "count": len(text), "most": most}
        )
    return text

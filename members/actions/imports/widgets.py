"""From a cell to a value and back. What cannot be read raises ValueError with a sentence."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils import translation
from django.utils.translation import gettext as _
from import_export.widgets import Widget

from cop.core.mail import one_line
from members.actions.imports.columns import fold
from members.queries.organizations import FREE_MAIL, host_of
from outbox.addresses import sendable_address

# A cell that begins like this may run as a formula in the reader's program.
FORMULA = "=+-@\t\r\n＝＋－＠"
MISTAKES = {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"}
YES = {"yes", "y", "true", "1", "x", "oui", "o", "vrai", "✓"}
NO = {"no", "n", "false", "0", "non", "faux"}


def harmless(value: object) -> str:
    """A cell that no program takes for a formula. Reading it again gives the same text."""
    text = "".join(c for c in str(value) if unicodedata.category(c) != "Cc" or c in "\t\r\n")
    return f"'{text}" if text.startswith(tuple(FORMULA)) else text


class Words(Widget):
    """One line of text, at most so long."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:  # noqa: ANN401
        text = str(value or "")
        if text.startswith("'") and text[1:].startswith(tuple(FORMULA)):
            text = text[1:]
        text = one_line(text)
        if text in MISTAKES:
            raise ValueError(_("the cell holds a mistake of the table: %(text)s") % {"text": text})
        if len(text) > self.most:
            raise ValueError(
                _("it has %(count)s letters; the longest we keep has %(most)s")
                % {"count": len(text), "most": self.most}
            )
        return text

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:  # noqa: ANN401
        return harmless("" if value is None else value)


class Email(Words):
    def __init__(self) -> None:
        super().__init__(254)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:  # noqa: ANN401
        address = super().clean(value).lower().removeprefix("mailto:")
        if address:
            try:
                validate_email(address)
                sendable_address(address)
            except (ValidationError, ValueError) as error:
                text = _("“%(text)s” is no e-mail address") % {"text": address[:60]}
                raise ValueError(text) from error
        return address


class Web(Words):
    def __init__(self) -> None:
        super().__init__(200)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:  # noqa: ANN401
        address = super().clean(value)
        if address and "://" not in address:
            address = f"https://{address}"
        if address:
            try:
                URLValidator(schemes=["http", "https"])(address)
            except ValidationError as error:
                text = _("“%(text)s” is no address of a web page") % {"text": address[:60]}
                raise ValueError(text) from error
        return address


class Domains(Words):
    """Mail domains, several with commas. A free mail service confirms nobody (A1)."""

    def __init__(self) -> None:
        super().__init__(1000)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[str]:  # noqa: ANN401
        words = re.split(r"[,;\s]+", super().clean(value))
        hosts = list(dict.fromkeys(host_of(word) for word in words if word))
        for host in hosts:
            if "." not in host or len(host) > 120:
                raise ValueError(_("“%(text)s” is no mail domain") % {"text": host[:60]})
            if host in FREE_MAIL:
                raise ValueError(
                    _("%(host)s is a free mail service: leave it out") % {"host": host}
                )
        return hosts

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:  # noqa: ANN401
        return harmless(", ".join(value or []))


class Number(Words):
    def __init__(self, largest: int) -> None:
        super().__init__(20)
        self.largest = largest

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:  # noqa: ANN401
        text = super().clean(value)
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) > self.largest:
            raise ValueError(
                _("“%(text)s” is no number from 0 to %(most)s")
                % {"text": text, "most": self.largest}
            )
        return int(text)


class YesNo(Words):
    def __init__(self) -> None:
        super().__init__(40)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool | None:  # noqa: ANN401
        text = super().clean(value).casefold()
        if not text:
            return None
        if text not in YES | NO:
            raise ValueError(_("write yes or no, not “%(text)s”") % {"text": text})
        return text in YES

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:  # noqa: ANN401
        return _("yes") if value else _("no")


class Day(Words):
    """As 2026-04-01, or as numbers that can be read in one way only."""

    def __init__(self) -> None:
        super().__init__(40)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> date | None:  # noqa: ANN401
        text = super().clean(value)
        if not text:
            return None
        day = _read_day(text)
        if day is None:
            raise ValueError(_("write the day as 2026-04-01, not as “%(text)s”") % {"text": text})
        return day

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:  # noqa: ANN401
        return value.isoformat() if value else ""


def _read_day(text: str) -> date | None:
    found = re.match(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:$|[ T]\d)", text)
    if found:
        year, month, day = (int(part) for part in found.groups())
    else:
        found = re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", text)
        if not found:
            return None
        first, second, year = (int(part) for part in found.groups())
        if first <= 12 and second <= 12 and first != second:
            return None
        day, month = (first, second) if second <= 12 else (second, first)
    try:
        return date(year, month, day)
    except ValueError:
        return None


class Choice(Words):
    """A code or its words, in either language. `also`: folded words -> code."""

    def __init__(
        self, choices: tuple[tuple[str, Any], ...], also: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(120)
        self.choices = choices
        self.also = dict(also or {})

    def _known(self) -> dict[str, str]:
        return _words_of(self.choices) | self.also

    def _labels(self) -> dict[str, str]:
        return {str(code): str(label) for code, label in self.choices}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:  # noqa: ANN401
        text = super().clean(value)
        if not text:
            return ""
        code = self._known().get(fold(text))
        if code is None:
            raise ValueError(
                _("“%(text)s” is not one of: %(all)s")
                % {"text": text[:60], "all": ", ".join(self._labels().values())}
            )
        return code

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:  # noqa: ANN401
        return harmless(self._labels().get(str(value or ""), ""))


class Choices(Choice):
    """Several of them. A label may hold a comma, so the longest that fits is taken each time."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[str]:  # noqa: ANN401
        text = fold(Words(400).clean(value))
        found = []
        known = self._known()
        while text:
            name = next((n for n in sorted(known, key=len, reverse=True) if _begins(text, n)), "")
            if not name:
                raise ValueError(
                    _("“%(text)s” is not one of: %(all)s")
                    % {"text": text[:60], "all": "; ".join(self._labels().values())}
                )
            found.append(known[name])
            text = text[len(name) :].strip()
        return list(dict.fromkeys(found))

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:  # noqa: ANN401
        labels = self._labels()
        return harmless("; ".join(labels.get(code, code) for code in value or []))


def _begins(text: str, name: str) -> bool:
    return bool(name) and (text == name or text.startswith(f"{name} "))


@cache
def _words_of(choices: tuple[tuple[str, Any], ...]) -> dict[str, str]:
    known = {fold(str(code)): str(code) for code, _label in choices}
    for language in ("en", "fr"):
        with translation.override(language):
            known |= {fold(str(label)): str(code) for code, label in choices}
    return known

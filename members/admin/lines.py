"""Fields of the desk for lists: one entry a line."""

from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from cop.core.mail import one_line


class LinesField(forms.CharField):
    """A list of short texts, one a line. Empty lines are left out."""

    def __init__(self, *, line_length: int = 300, rows: int = 6, **kwargs: Any) -> None:  # noqa: ANN401
        self.line_length = line_length
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **kwargs)

    def prepare_value(self, value: Any) -> Any:  # noqa: ANN401  a list, or what a browser sent
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> list[str]:  # noqa: ANN401
        if isinstance(value, list | tuple):
            value = "\n".join(value)
        lines = (one_line(line) for line in (super().to_python(value) or "").splitlines())
        return [line for line in lines if line]

    def validate(self, value: Any) -> None:  # noqa: ANN401
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        for number, line in enumerate(value, start=1):
            self.check_line(number, line)

    def run_validators(self, value: Any) -> None:  # noqa: ANN401
        return None

    def check_line(self, number: int, line: str) -> None:
        if len(line) > self.line_length:
            raise forms.ValidationError(
                _("Line %(number)s has more than %(most)s signs. Make two of it.")
                % {"number": number, "most": self.line_length}
            )

    def has_changed(self, initial: Any, data: Any) -> bool:  # noqa: ANN401
        return list(initial or []) != self.to_python(data)


class LinksField(LinesField):
    """Web addresses, one a line."""

    def check_line(self, number: int, line: str) -> None:
        super().check_line(number, line)
        try:
            URLValidator(schemes=["https", "http"])(line)
        except forms.ValidationError as error:
            raise forms.ValidationError(
                _("Line %(number)s is not a web address. It begins with https://")
                % {"number": number}
            ) from error

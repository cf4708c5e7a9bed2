"""Steps of a row at the desk: a button, a page that says what follows, then one action."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from cop.core.mail import Email

Form = Callable[[HttpRequest, Any], forms.Form]


@dataclass(frozen=True)
class Step:
    """`action(row, by=, now=, **answers of the form)`; `text` says what follows from it.

    `letter(row, answers)`: the mail that goes, to read before anything happens.
    """

    name: str
    label: str | Promise
    text: str | Promise | Callable[[Any], str]
    done: str | Promise
    action: Callable[..., object]
    form: Form | None = None
    is_grave: bool = False
    letter: Callable[[Any, dict[str, Any]], Email] | None = None

    def what_follows(self, row: Any) -> str:  # noqa: ANN401
        return self.text(row) if callable(self.text) else str(self.text)


class DeskSteps:
    """For an admin whose rows have steps: say in `possible_steps` which ones now."""

    step_roles: tuple[str, ...] = ("coordinator",)

    def possible_steps(self, row: Any) -> list[Step]:  # noqa: ANN401
        raise NotImplementedError

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.step_view)
        name = f"members_{self.opts.model_name}_step"
        return [path("<int:pk>/step/<slug:name>/", view, name=name), *super().get_urls()]

    def may_step(self, request: HttpRequest, row: Any) -> bool:  # noqa: ANN401
        return self._may(request, row, self.step_roles)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        *args: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> HttpResponse:
        row = context.get("original")
        if row is not None and self.may_step(request, row):
            context["steps"] = [
                (step, self._step_url(row, step.name)) for step in self.possible_steps(row)
            ]
        return super().render_change_form(request, context, *args, **kwargs)

    def _step_url(self, row: Any, name: str) -> str:  # noqa: ANN401
        return reverse(f"admin:members_{self.opts.model_name}_step", args=[row.pk, name])

    def step_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        row = self.get_queryset(request).filter(pk=pk).first()
        if row is None:
            raise Http404
        if not self.may_step(request, row):
            raise PermissionDenied
        back_url = reverse(f"admin:members_{self.opts.model_name}_change", args=[row.pk])
        step = next((one for one in self.possible_steps(row) if one.name == name), None)
        if step is None:
            messages.warning(request, _("This is not possible now. Here is how it stands."))
            return HttpResponseRedirect(back_url)
        form = (step.form or _no_questions)(request, row)
        if request.method == "POST" and "edit" not in request.POST and form.is_valid():
            if step.letter is not None and "confirmed" not in request.POST:
                return self._show_letter(request, step, row, form, back_url)
            if _acted(request, step, row, form):
                return HttpResponseRedirect(back_url)
        context = {
            "title": f"{step.label}: {row}",
            "text": step.what_follows(row),
            "form": form,
            "label": step.label,
            "danger": step.is_grave,
            "back_url": back_url,
        }
        return self.page(request, "step.html", context)

    def _show_letter(
        self,
        request: HttpRequest,
        step: Step,
        row: Any,  # noqa: ANN401
        form: forms.Form,
        back_url: str,
    ) -> HttpResponse:
        names = [name for name in form.fields if name in request.POST]
        context = {
            "title": f"{step.label}: {row}",
            "mail": step.letter(row, form.cleaned_data),
            "person": row.person,
            "answers": [(name, value) for name in names for value in request.POST.getlist(name)],
            "label": step.label,
            "danger": step.is_grave,
            "back_url": back_url,
        }
        return self.page(request, "step_letter.html", context)


def _no_questions(request: HttpRequest, row: Any) -> forms.Form:  # noqa: ANN401
    return forms.Form(request.POST or {} if request.method == "POST" else None)


def _acted(request: HttpRequest, step: Step, row: Any, form: forms.Form) -> bool:  # noqa: ANN401
    try:
        step.action(row, by=request.user, now=timezone.now(), **form.cleaned_data)
    except ActionError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, str(step.done))
    return True


def asks(form: type[forms.Form], **initial: Any) -> Form:  # noqa: ANN401
    """The form of a step that needs nothing of the row."""

    def build(request: HttpRequest, row: Any) -> forms.Form:  # noqa: ANN401
        return form(request.POST if request.method == "POST" else None, initial=initial)

    return build

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Starter:
    """One of the people a newcomer to the product may look through the eyes of."""

    key: str
    name: str
    email: str
    role: str | Promise
    sees: str | Promise
    path: str = ""
    to_desk: bool = False


STARTERS = {
    starter.key: starter
    for starter in (
        Starter(
            "member",
            "Ravi Bloomquist",
            "ravi@pacificthistle.example",
            _("Member"),
            _("Answers the next meeting, finds a tool, reads the newsletter."),
            path="/every-door/",
        ),
        Starter(
            "coordinator",
            "Priya Lindqvist",
            "priya@tidewater.example",
            _("Coordinator"),
            _("Reviews applications, plans meetings and sends the newsletter at the desk."),
            to_desk=True,
        ),
        Starter(
            "editor",
            "Tomasz Iverson",
            "tomasz@tidewater.example",
            _("Editor and librarian"),
            _("Writes the newsletter, which the coordinator approves, and tends the library."),
            to_desk=True,
        ),
        Starter(
            "newcomer",
            "Jo Tamarack",
            "jo@people.example",
            _("Newcomer"),
            _("Has an account and is about to apply."),
            path="/every-door/",
        ),
    )
}

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error as DatabaseError
from django.utils import timezone

from outbox.actions.returned import take_returned_mail
from outbox.bounces import LIMIT

# sysexits.h: the mail server keeps the mail and asks again later.
EX_TEMPFAIL = 75


class Command(BaseCommand):
    help = "Take in one mail that came back, from standard input: for the pipe of a mail server."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--recipient", default="", help="the address it was sent to, if the server tells"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        raw = sys.stdin.buffer.read(LIMIT)
        while sys.stdin.buffer.read(LIMIT):
            """The rest is not needed, but the mail server wants to be heard out."""
        try:
            take_returned_mail(raw, now=timezone.now(), recipient=options["recipient"])
        except DatabaseError:
            sys.exit(EX_TEMPFAIL)

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from outbox.actions import send_due


class Command(BaseCommand):
    help = "Send the mail that is due, by hand: for the hour in which the broker is down."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seconds", type=float, default=600, help="stop after this long")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        sent = send_due(seconds=options["seconds"])
        self.stdout.write(f"{sent} sent.")

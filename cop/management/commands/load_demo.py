from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cop.demo.load import load_demo
from members.models import Community


class Command(BaseCommand):
    help = "Load the demo communities: invented people, real rules."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing where data is")
        parser.add_argument(
            "--as-of", type=date.fromisoformat, help="the day the demo plays on (today)"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        if Community.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("There are communities already. `make reset` starts over.")
        today = options["as_of"] or timezone.localdate(timezone=ZoneInfo("America/Vancouver"))
        load_demo(today=today)
        self.stdout.write("The demo communities are in.")

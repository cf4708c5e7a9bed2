from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cop.demo.load import load_demo
from library.actions.reading import read_waiting_files
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
        # A worker would do it within minutes; whoever looks right away finds it now.
        read_waiting_files()
        self.stdout.write("The demo communities are in.")

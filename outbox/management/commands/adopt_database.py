from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from outbox.gate import adopt, gate_state


class Command(BaseCommand):
    help = "Let this installation send the mail of a database that was restored from a backup."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--by", default="the command line", help="who decided it")
        parser.add_argument("--check", action="store_true", help="only say whether it may send")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        now = timezone.now()
        if gate_state(now=now).is_ours:
            self.stdout.write("This database belongs to this installation already.")
            return
        if options["check"]:
            self.stdout.write("This database belongs to another installation: nothing is sent.")
            return
        held = adopt(by_name=options["by"], now=now)
        self.stdout.write(
            f"Adopted. {held} mails from before are on hold: release or cancel them on the board "
            "of outgoing mail. New mail leaves from now on."
        )

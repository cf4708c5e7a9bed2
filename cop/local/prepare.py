"""Check, migrate and, the first time, load the demo: one process, so Django starts once."""

import os

import django
from django.core.management import call_command, get_commands


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cop.settings")
    django.setup()
    call_command("check", databases=["default"])
    call_command("migrate", interactive=False, verbosity=1)
    if "load_demo" in get_commands():
        call_command("load_demo", "--if-empty")


if __name__ == "__main__":
    main()

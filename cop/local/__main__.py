"""`python -m cop.local run`, `stop`, `reset`, `setup FILE`: what the Makefile calls."""

import argparse
import os
import shutil
import sys

from cop.local.bootstrap import LOCAL, ensure, venv_python
from cop.local.lock import AlreadyRunning, clear_the_way, is_running, running_message, stop_running
from cop.local.places import ROOT, Places, this_checkout
from cop.local.processes import clear_leftovers
from cop.local.screen import say
from cop.local.supervisor import Supervisor
from cop.local.system import LocalError


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m cop.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("run", "serve"):
        commands.add_parser(name).add_argument("--port", default="8000")
    commands.add_parser("setup").add_argument("requirements")
    commands.add_parser("reset").add_argument("--yes", action="store_true")
    commands.add_parser("stop")
    options = parser.parse_args()
    os.chdir(ROOT)
    try:
        return _obey(options, this_checkout())
    except AlreadyRunning as error:
        say(str(error))
        return 0
    except LocalError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130


def _obey(options: argparse.Namespace, places: Places) -> int:
    if options.command == "run":
        return run(places, port=_port(options.port))
    if options.command == "setup":
        ensure(options.requirements, places)
        return 0
    if options.command == "reset":
        return reset(places, yes=options.yes)
    if options.command == "stop":
        say("Stopped." if stop_running(places) else "Nothing is running.")
        return 0
    return Supervisor(places, _port(options.port)).run()


def _port(words: str) -> int:
    """Raises LocalError in one sentence for what is no number."""
    if not words.isdigit():
        raise LocalError(f"“{words}” is not a port. Try: make run PORT=8001")
    return int(words)


def run(places: Places, *, port: int) -> int:
    """With any Python: look first at what cannot work, then set up, then become the supervisor."""
    if is_running(places):
        raise AlreadyRunning(running_message(places))
    places.make()
    clear_the_way(places, port)
    ensure(LOCAL, places)
    command = [venv_python(), "-m", "cop.local", "serve", "--port", str(port)]
    os.execv(command[0], command)


def reset(places: Places, *, yes: bool) -> int:
    if is_running(places):
        say(f"{running_message(places)} Stop it first.")
        return 1
    if not places.var.exists():
        say("There is nothing to reset.")
        return 0
    where = os.path.relpath(places.var, ROOT)
    say(f"This deletes {where}/: the local database, uploads, mail and logs of this copy.")
    if not yes and not _agrees():
        say("Nothing was deleted.")
        return 1
    clear_leftovers(places.children)
    for path in places.var.iterdir():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    say("Done. make run starts with an empty house.")
    return 0


def _agrees() -> bool:
    try:
        return input("Delete it? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        say("\nNobody answered. To delete without asking: make reset FORCE=1")
        return False


if __name__ == "__main__":
    sys.exit(main())

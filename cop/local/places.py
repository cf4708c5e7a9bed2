"""Where the state of this checkout lives. Two clones side by side share nothing."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cop.local.system import LocalError, owners

ROOT = Path(__file__).resolve().parent.parent.parent
# The limit of a socket's address is 107 bytes on Linux and 103 on macOS.
LONGEST_SOCKET_PATH = 103
LONGEST_SOCKET_NAME = len("/.s.PGSQL.5432.lock")


@dataclass(frozen=True)
class Places:
    """The folders of one installation; tests make their own in a temporary folder."""

    var: Path

    @property
    def run(self) -> Path:
        return self.var / "run"

    @property
    def log(self) -> Path:
        return self.var / "log"

    @property
    def mail(self) -> Path:
        return self.var / "mail"

    @property
    def database(self) -> Path:
        return self.var / "postgres"

    @property
    def broker(self) -> Path:
        return self.var / "valkey"

    @property
    def lock(self) -> Path:
        return self.run / "supervisor.lock"

    @property
    def state(self) -> Path:
        return self.run / "supervisor.json"

    @property
    def children(self) -> Path:
        return self.run / "children.json"

    @property
    def environment(self) -> Path:
        return self.run / "local.env"

    def make(self) -> None:
        if self.var.exists() and not os.access(self.var, os.W_OK):
            raise LocalError(
                f"{self.var} belongs to another account, perhaps root. "
                "Run this as that account, or work in a copy of your own."
            )
        for folder in (self.run, self.log, self.mail):
            folder.mkdir(parents=True, exist_ok=True)
            # Sign-in codes lie in the mailbox: not for other people of this computer.
            folder.chmod(0o700)

    def sockets(self) -> Path:
        """A folder for the sockets, with a short path: a deep checkout gets one in /tmp."""
        near = self.var / "sockets"
        if _fits(near):
            return _private(near)
        digest = hashlib.sha256(os.fsencode(self.var)).hexdigest()[:12]
        for base in (tempfile.gettempdir(), "/tmp"):  # noqa: S108  the folder is checked below
            short = Path(base) / f"cop-{os.getuid()}-{digest}"
            if _fits(short):
                return _private(short)
        return _private(Path(tempfile.mkdtemp(dir="/tmp")))


def this_checkout() -> Places:
    return Places(Path(os.environ.get("VAR_DIR") or ROOT / "var").absolute())


def _fits(folder: Path) -> bool:
    # PostgreSQL takes a list here, so a comma would cut the path in two.
    length = len(os.fsencode(folder)) + LONGEST_SOCKET_NAME
    return length <= LONGEST_SOCKET_PATH and "," not in str(folder)


def _private(folder: Path) -> Path:
    """Only we may come in. In /tmp somebody else may have taken the name before."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid not in owners():
        return Path(tempfile.mkdtemp(prefix="cop-", dir=folder.parent))
    folder.chmod(0o700)
    return folder

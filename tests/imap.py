"""A real IMAP server of the tests' own, with one mailbox in memory."""

import imaplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

NAME, PASSWORD = "bounces", "p@ss/word"
URL = "imap://bounces:p%40ss%2Fword@127.0.0.1:{}/{}"


class ImapServer:
    def __init__(self, port: int) -> None:
        self.port = port

    def __enter__(self) -> Self:
        self.box = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        self.box.login(NAME, PASSWORD)
        return self

    def __exit__(self, *_: Any) -> None:
        self.box.logout()

    def fill(self, folder: str, *mails: bytes) -> None:
        self.box.create(folder)
        for mail in mails:
            self.box.append(folder, None, None, mail)

    def left(self, folder: str) -> tuple[int, int]:
        """How many mails are left, and how many of them are unread."""
        self.box.select(folder)
        found = self.box.search(None, "ALL")[1][0].split()
        return len(found), len(self.box.search(None, "UNSEEN")[1][0].split())


@contextmanager
def running_server() -> Iterator[int]:
    """Yields the port on which it listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [
            Path(sys.executable).parent / "pymap", "--host", "127.0.0.1", "--port", str(port),
            "--no-tls", "dict", "--demo-data", "--demo-user", NAME, "--demo-password", PASSWORD,
        ],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    try:
        yield port
    finally:
        server.terminate()
        server.wait(10)

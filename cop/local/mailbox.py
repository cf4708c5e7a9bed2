"""The local mailbox: takes every e-mail by SMTP and keeps it as a file. Nothing goes further."""

import argparse
import asyncio
import itertools
import os
import secrets
import signal
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

NEWEST = 2000
LARGEST = 50 * 1024 * 1024


def store_message(folder: Path, content: bytes, *, sender: str, to: list[str]) -> str:
    """Write to `tmp/`, then rename into `new/`: a reader never sees half a message."""
    name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
    envelope = [f"Return-Path: <{sender}>", *(f"Delivered-To: {address}" for address in to)]
    head = "".join(f"{line}\r\n" for line in envelope).encode("utf-8", "replace")
    temporary = folder / "tmp" / name
    temporary.write_bytes(head + content)
    temporary.replace(folder / "new" / f"{name}.eml")
    return name


def forget_oldest(folder: Path, *, keep: int = NEWEST) -> None:
    names = sorted(os.listdir(folder / "new"))
    for name in names[: max(0, len(names) - keep)]:
        (folder / "new" / name).unlink(missing_ok=True)


def make_folders(folder: Path) -> None:
    for part in ("tmp", "new"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for left in (folder / "tmp").iterdir():
        left.unlink(missing_ok=True)


class Keeper:
    """What aiosmtpd calls when a message has arrived."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = itertools.count(1)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content or b""
        content = content if isinstance(content, bytes) else content.encode()
        sender = envelope.mail_from or ""
        store_message(self.folder, content, sender=sender, to=envelope.rcpt_tos)
        if next(self.count) % 50 == 0:
            forget_oldest(self.folder)
        return "250 Kept in the local mailbox"


async def serve(folder: Path, port: int) -> None:
    make_folders(folder)
    forget_oldest(folder)
    keeper = Keeper(folder)
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, done.set)

    def session() -> SMTP:
        return SMTP(keeper, hostname="localhost", enable_SMTPUTF8=True, data_size_limit=LARGEST)

    server = await loop.create_server(session, "127.0.0.1", port)
    print(f"Keeping mail from port {port} in {folder}", flush=True)
    await done.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    asyncio.run(serve(options.folder, options.port))


if __name__ == "__main__":
    main()

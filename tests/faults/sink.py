"""A mail server for fault tests, in a process of its own. It writes down all that it took.

    python -m tests.faults.sink --port 2525 --log sink.tsv [--before 0.03] [--after 0.002] …

How it answers stands in the address: `name+451@…`. With `once` in the table the second try is
taken. SIGUSR1 puts the server down (connections cut, port closed), SIGUSR2 back up.

+451    try later, once              +drop     takes the mail, hangs up without a word, once
+550    no such address, always      +never    the same, always
+421    too busy and hangs up, once  +late     takes the mail, answers `--late` seconds later, once

A line of the log is: time, what, Message-ID, recipient. A mail counts as taken when its last dot
is there, whatever becomes of the answer: that is what a real server would do.
"""

import argparse
import asyncio
import re
import signal
import time
from collections import Counter
from pathlib import Path
from typing import TextIO

MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^>]+)>", re.IGNORECASE | re.MULTILINE)
TAG = re.compile(r"\+(\w+)@")
REFUSALS = {
    "451": b"451 please try again later\r\n",
    "550": b"550 5.1.1 no such mailbox\r\n",
    "421": b"421 4.3.2 too busy\r\n",
}


class Post:
    """What all connections share: the log, and how often each address was tried."""

    def __init__(self, log: TextIO, options: argparse.Namespace) -> None:
        self.log, self.options = log, options
        self.tried: Counter[str] = Counter()
        self.taken: Counter[str] = Counter()
        self.open: set[asyncio.Transport] = set()
        self.server: asyncio.Server | None = None

    def note(self, what: str, message_id: str, recipient: str) -> None:
        self.log.write(f"{time.time():.4f}\t{what}\t{message_id}\t{recipient}\n")
        self.log.flush()

    async def up(self) -> None:
        if self.server is None:
            loop = asyncio.get_running_loop()
            make = loop.create_server(lambda: Conversation(self), "127.0.0.1", self.options.port)
            self.server = await make

    def down(self) -> None:
        server, self.server = self.server, None
        if server is not None:
            server.close()
        for transport in list(self.open):
            transport.abort()


class Conversation(asyncio.Protocol):
    def __init__(self, post: Post) -> None:
        self.post, self.buffer, self.in_data, self.recipient = post, b"", False, ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.post.open.add(transport)
        self._say(b"220 sink\r\n")

    def connection_lost(self, error: Exception | None) -> None:
        self.post.open.discard(self.transport)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while self._take_mail() if self.in_data else self._take_line():
            pass

    def _take_line(self) -> bool:
        line, found, rest = self.buffer.partition(b"\r\n")
        if not found:
            return False
        self.buffer = rest
        verb = line[:4].upper()
        if verb == b"RCPT":
            self._asked(line.partition(b"<")[2].partition(b">")[0].decode())
        elif verb == b"DATA":
            self.in_data = True
            self._say(b"354 go\r\n")
        elif verb == b"QUIT":
            self._say(b"221 bye\r\n")
            self.transport.close()
            return False
        else:
            self._say(b"250 OK\r\n")
        return True

    def _asked(self, recipient: str) -> None:
        self.recipient = recipient
        found = TAG.search(recipient)
        self.tag = found[1] if found else ""
        self.post.tried[recipient] += 1
        refusal = REFUSALS.get(self.tag)
        if refusal and (self.tag == "550" or self.post.tried[recipient] == 1):
            self.post.note(f"refused-{self.tag}", "", recipient)
            self._say(refusal)
            if self.tag == "421":
                self.transport.close()
            return
        self._later(self.post.options.before, b"250 OK\r\n")

    def _take_mail(self) -> bool:
        end = self.buffer.find(b"\r\n.\r\n")
        if end < 0:
            return False
        message, self.buffer = self.buffer[:end], self.buffer[end + 5 :]
        self.in_data = False
        found = MESSAGE_ID.search(message)
        self.post.taken[self.recipient] += 1
        self.post.note("taken", found[1].decode() if found else "", self.recipient)
        first = self.post.taken[self.recipient] == 1
        if self.tag == "never" or (self.tag == "drop" and first):
            self.transport.abort()
            return False
        is_late = self.tag == "late" and first
        self._later(self.post.options.late if is_late else self.post.options.after, b"250 OK\r\n")
        return True

    def _later(self, seconds: float, words: bytes) -> None:
        asyncio.get_running_loop().call_later(seconds, self._say, words)

    def _say(self, words: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(words)


async def main(options: argparse.Namespace) -> None:
    with options.log.open("a", encoding="utf-8") as log:
        post = Post(log, options)
        await post.up()
        loop = asyncio.get_running_loop()
        keep: set[asyncio.Task[None]] = set()
        loop.add_signal_handler(signal.SIGUSR1, post.down)
        loop.add_signal_handler(signal.SIGUSR2, lambda: keep.add(loop.create_task(post.up())))
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--before", type=float, default=0.0, help="seconds before taking a mail")
    parser.add_argument("--after", type=float, default=0.0, help="seconds to answer the last dot")
    parser.add_argument("--late", type=float, default=20.0, help="the same for +late")
    asyncio.run(main(parser.parse_args()))

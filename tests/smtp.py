"""A real SMTP server on loopback. How it answers stands in the address: name+550@…"""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


@dataclass
class Box:
    """What arrived, and how often each address was tried."""

    port: int = 0
    messages: list[Message] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)

    def to(self, address: str) -> list[Message]:
        return [message for message in self.messages if message["To"] == address]

    @property
    def last(self) -> Message:
        return self.messages[-1]


class _Handler:
    def __init__(self, box: Box) -> None:
        self.box = box

    async def handle_RCPT(
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self.box.tried.append(address)
        for code in ("450", "550"):
            if f"+{code}" in address:
                return f"{code} no"
        if "+policy" in address:
            return "550 5.7.515 not authenticated"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        address = envelope.rcpt_tos[0]
        message = message_from_bytes(envelope.content, policy=default)
        if "+drop" in address:
            self.box.messages.append(message)
            server.transport.abort()
            await asyncio.sleep(0)
            return "250 never heard"
        if "+421" in address:
            return "421 busy"
        self.box.messages.append(message)
        return "250 OK"


@contextmanager
def smtp_box() -> Iterator[Box]:
    box = Box()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(_Handler(box), hostname="127.0.0.1", port=port)
    controller.start()
    box.port = port
    try:
        yield box
    finally:
        controller.stop()

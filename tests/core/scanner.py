"""A clamd for tests: speaks INSTREAM over a real socket on loopback."""

import socketserver
import struct
import threading
from types import TracebackType
from typing import Self


class FakeScanner:
    """`answer`: say this instead of a verdict. Finds the word EICAR harmful."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.answer: bytes | None = None
        self.is_silent = False
        scanner = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                scanner._talk(self)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    @property
    def address(self) -> str:
        host, port = self._server.server_address
        return f"{host}:{port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _talk(self, line: socketserver.StreamRequestHandler) -> None:
        assert line.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack(">I", line.rfile.read(4))[0]:
            content += line.rfile.read(size)
        self.received.append(content)
        if self.is_silent:
            line.rfile.read(1)  # until the other side gives up
            return
        verdict = b"stream: Test-Signature FOUND\0" if b"EICAR" in content else b"stream: OK\0"
        line.wfile.write(verdict if self.answer is None else self.answer)

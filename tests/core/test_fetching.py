"""Addresses that others typed: asked, but never into our own network, and never for long."""

import ipaddress
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cop.core.fetching import NotFetched, Reply, ask, is_public

MEGABYTE = 1024 * 1024


class Place(BaseHTTPRequestHandler):
    """A real server with pages that misbehave."""

    sent = 0
    heads: list[str] = []

    def do_HEAD(self):
        self._answer(with_body=False)

    def do_GET(self):
        self._answer(with_body=True)

    def _answer(self, *, with_body):
        type(self).heads.append(f"{self.command} {self.path}")
        name = self.path.strip("/").partition("?")[0]
        if name == "slow":
            # A byte of a header now and then, for ever.
            try:
                while True:
                    self.wfile.write(b"X")
                    self.wfile.flush()
                    time.sleep(0.05)
            except OSError:
                return
        if name.startswith("to-"):
            self.send_response(302)
            self.send_header("Location", self.headers["Host"] and self.path.partition("?")[2])
            self.end_headers()
            return
        if name == "circle":
            self.send_response(301)
            self.send_header("Location", "/circle")
            self.end_headers()
            return
        if name.startswith("step"):
            self.send_response(302)
            self.send_header("Location", f"/step{int(name[4:]) + 1}")
            self.end_headers()
            return
        if name == "no-head" and self.command == "HEAD":
            self.send_error(500)
            return
        status = int(name) if name.isdigit() else 200
        self.send_response(status)
        self.end_headers()
        if with_body and name == "huge":
            try:
                for _piece in range(20):
                    self.wfile.write(b"x" * MEGABYTE)
                    type(self).sent += MEGABYTE
            except OSError:
                return

    def log_message(self, *_words):
        return


@pytest.fixture
def place():
    Place.sent, Place.heads = 0, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Place)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def here(port, path, **more):
    """Ask our own machine: the one thing that only a test may."""
    values = {"judge": lambda one: one.is_loopback, "ports": {port}} | more
    return ask(f"http://127.0.0.1:{port}/{path}", **values)


@pytest.mark.parametrize(
    ("path", "is_there"),
    [("", True), ("404", False), ("410", False), ("403", True), ("429", True), ("503", False),
     ("no-head", True), ("huge", True)],
)  # fmt: skip
def test_what_counts_as_there(place, path, is_there):
    assert here(place, path).is_there is is_there


def test_a_page_of_20_mb_is_not_read(place):
    here(place, "huge")

    assert Place.heads == ["HEAD /huge"]
    assert Place.sent == 0


def test_jumps_are_followed_to_the_end(place):
    assert here(place, "to-page?/fine") == Reply(200, f"http://127.0.0.1:{place}/fine")


@pytest.mark.parametrize("path", ["circle", "step0"])
def test_loops_end(place, path):
    with pytest.raises(NotFetched, match=r"circle|on and on"):
        here(place, path)
    assert len(Place.heads) <= 14


def test_a_server_that_drips_is_cut_off(place):
    started = time.monotonic()
    with pytest.raises(NotFetched, match="too long"):
        here(place, "slow", seconds=0.6)
    assert time.monotonic() - started < 2


def test_a_jump_into_a_closed_network_ends_there(place):
    """Control: the first step is allowed, the second one by the same judge is not."""
    target = f"http://localhost:{place}/secret"
    asked = []

    def resolver(host, port):
        asked.append(host)
        return ["127.0.0.1"] if host == "127.0.0.1" else ["10.0.0.5"]

    with pytest.raises(NotFetched, match="closed network"):
        here(place, f"to-x?{target}", resolver=resolver)
    assert asked == ["127.0.0.1", "localhost"]
    assert "HEAD /secret" not in Place.heads
    # With a judge that lets it pass it is reached.
    here(place, f"to-x?{target}", judge=lambda _one: True, resolver=lambda *_: ["127.0.0.1"])
    assert "HEAD /secret" in Place.heads


def test_a_name_is_resolved_once_and_that_address_is_used(place):
    """A second answer that points elsewhere is never asked for."""
    answers = iter([["127.0.0.1"]])

    found = ask(
        f"http://rebound.example:{place}/", resolver=lambda _host, _port: next(answers),
        judge=lambda one: one.is_loopback, ports={place},
    )  # fmt: skip
    assert found.status == 200


def test_one_closed_address_among_open_ones_is_enough(place):
    with pytest.raises(NotFetched, match="closed network"):
        ask("http://two.example/", resolver=lambda _host, _port: ["93.184.216.34", "192.168.0.1"])


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://0.0.0.0/",
        "http://10.1.2.3/", "http://192.168.1.1/", "http://172.16.0.1/", "http://169.254.169.254/",
        "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[fd00::1]/",
        "http://[fe80::1]/", "http://100.64.0.1/", "http://2130706433/", "http://0x7f.1/",
        "http://224.0.0.1/", "http://255.255.255.255/", "http://[2002:7f00:1::]/",
        "http://example.org:22/", "http://example.org:8000/", "http://a:b@example.org/",
        "ftp://example.org/", "file:///etc/passwd", "gopher://x/", "javascript:alert(1)", "http://",
        "http://exa mple.org/", "http://[::1/", "", "http://\x00/", "http://" + "a" * 300 + ".org/",
    ],
)  # fmt: skip
def test_what_is_never_asked(address, monkeypatch):
    def never(*_args, **_more):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket, "create_connection", never)
    with pytest.raises(NotFetched):
        ask(address)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("64:ff9b::5db8:d822", True), ("64:ff9b::a00:1", False), ("2002:a00:1::", False),
        ("::ffff:10.0.0.1", False), ("198.18.0.1", False), ("192.0.2.1", False), ("::", False),
        ("ff02::1", False), ("2001:db8::1", False), ("240.0.0.1", False),
    ],
)  # fmt: skip
def test_is_public(address, public):
    assert is_public(ipaddress.ip_address(address)) is public


def test_nobody_there():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NotFetched, match="does not answer"):
        here(port, "")

"""F20: forms that weigh too much, and one that comes a byte a second: refused cheaply, and others
notice nothing. The last is the work of the proxy in front, so it stands in front here."""

import http.client
import os
import socket
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from members.models import Community, User
from tests.deploy.test_nginx import NGINX, free_port, lay_out, ports_for
from tests.deploy.test_nginx import wait_for as wait_for_port
from tests.faults.browser import CSRF, Browser
from tests.faults.memory import forget_most, memory_of, most_memory_of, processor_of, worker_of
from tests.faults.stack import site
from tests.library.hostile.sending import EDGE

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ADD = "/every-door/library/add/"
LIST = "/every-door/library/"
FORM = "application/x-www-form-urlencoded"
PARTS = f"multipart/form-data; boundary={EDGE}"
# F20: of each. Others may wait twice as long at most; below so many milliseconds nobody waits.
MEGABYTES, MILLISECONDS, TIMES, UNNOTICED = 50, 100, 2, 60
SLOW_LINES = 12


def part(name: str, content: bytes = b"x", file: str = "") -> bytes:
    more = f'; filename="{file}"' if file else ""
    head = f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + content + b"\r\n"


END = f"--{EDGE}--\r\n".encode()
WEIGHTS = {
    "form of 10 MB": (urlencode({"title": "x" * 10_000_000}).encode(), FORM),
    "form of 10 MB in parts": (part("title", b"x" * 10_000_000) + END, PARTS),
    "5,000 fields": (urlencode([(f"a{n}", n) for n in range(5_000)]).encode(), FORM),
    "5,000 fields in parts": (b"".join(part(f"a{n}") for n in range(5_000)) + END, PARTS),
    "1,000 files": (b"".join(part("file", b"x", f"{n}.pdf") for n in range(1_000)) + END, PARTS),
    "part with a head of 1 MB": (
        f'--{EDGE}\r\nX-A: {"x" * 1_000_000}\r\n\r\nx\r\n'.encode() + END, PARTS,
    ),
    "parts that never end": (part("title", b"x" * 1000) * 3, PARTS),
    "edge that is none": (b"x" * 1_000_000, "multipart/form-data; boundary=" + "x" * 2_000),
}  # fmt: skip


@pytest.fixture
def port(tmp_path: Path, community: Community) -> Iterator[int]:
    with site(tmp_path / "web.log", MEDIA_ROOT=str(tmp_path / "media")) as port:
        yield port


@pytest.fixture
def proxy(port: int, tmp_path: Path) -> Iterator[int]:
    if not NGINX:
        pytest.skip("nginx is not installed on this computer")
    outside = free_port()
    folder = lay_out(tmp_path / "proxy", web=f"http://127.0.0.1:{port}", ports=ports_for(outside))
    options = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
    command = [NGINX, "-p", folder, "-g", options, "-c", folder / "plain.conf"]
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_port(outside)
        yield outside
    finally:
        started.terminate()
        started.wait(10)


def cost_of(worker: int, browser: Browser, body: bytes, kind: str) -> tuple[int, float, float]:
    """The answer, the megabytes and the milliseconds of the processor."""
    forget_most(worker)
    memory, worked = memory_of(worker), processor_of(worker)
    reply = browser.ask("POST", ADD, body, kind)
    return reply.status, most_memory_of(worker) - memory, processor_of(worker) - worked


def test_heavy_forms_are_refused_cheaply(port: int, proxy: int, dani: User) -> None:
    browser, worker = Browser(proxy, dani), worker_of(port)
    for _time in range(3):
        browser.ask("POST", ADD, urlencode({"title": "x"}).encode(), FORM)
        browser.ask("POST", ADD, part("title") + END, PARTS)
    wrong = {}
    for about, (body, kind) in WEIGHTS.items():
        # The best of three: what other work of the computer adds is left out.
        costs = [cost_of(worker, browser, body, kind) for _time in range(3)]
        status, grown, spent = (
            costs[0][0],
            *(min(one) for one in list(zip(*costs, strict=True))[1:]),
        )
        print(about, status, round(grown), round(spent))
        # 403: what never ended has no sign of its sender; 200: the form says what is missing.
        is_refused = status in {400, 403, 413, 200}
        if not is_refused or grown > MEGABYTES or spent > MILLISECONDS:
            wrong[about] = (status, grown, spent)
    assert not wrong, wrong
    assert browser.get(LIST).status == 200


def test_upload_larger_than_the_limit_is_refused_before_it_is_written(
    port: int, dani: User
) -> None:
    """A form that only says how large it is: the server answers before the rest has come."""
    client = http.client.HTTPConnection("localhost", port, timeout=10)
    browser = Browser(port, dani)
    client.putrequest("POST", ADD)
    for name, value in {
        "Cookie": browser.cookies, "X-CSRFToken": CSRF, "Content-Type": PARTS,
        "Content-Length": str(2 * 1024**3),
    }.items():  # fmt: skip
        client.putheader(name, value)
    client.endheaders()
    client.send(part("title"))
    assert client.getresponse().status == 400
    client.close()


def visits(port: int, count: int = 40) -> float:
    """The slowest but few of so many pages, in milliseconds."""
    browser = Browser(port)
    spent = sorted(browser.get(LIST).milliseconds for _one in range(count))
    return statistics.median(spent[-4:])


def drip(port: int, browser: Browser, lines: int, stop: threading.Event) -> list[socket.socket]:
    """So many forms at once, each a byte a second."""
    sockets = []
    head = (
        f"POST {ADD} HTTP/1.1\r\nHost: localhost\r\nCookie: {browser.cookies}\r\n"
        f"X-CSRFToken: {CSRF}\r\nContent-Type: {FORM}\r\nContent-Length: 1000\r\n\r\n"
    )
    for _line in range(lines):
        line = socket.create_connection(("127.0.0.1", port), 5)
        line.sendall(head.encode())
        sockets.append(line)

    def _go_on() -> None:
        while not stop.wait(1):
            for line in sockets:
                try:
                    line.sendall(b"a")
                except OSError:
                    continue

    threading.Thread(target=_go_on, daemon=True).start()
    return sockets


def test_slow_forms_hold_nobody_up(port: int, proxy: int, dani: User) -> None:
    visits(proxy, 10)
    before = visits(proxy)
    stop = threading.Event()
    lines = drip(proxy, Browser(port, dani), SLOW_LINES, stop)
    time.sleep(2)
    during = visits(proxy)
    stop.set()
    for line in lines:
        line.close()
    assert during <= max(TIMES * before, UNNOTICED), (before, during)


def test_without_the_proxy_slow_forms_stop_the_site(port: int, dani: User) -> None:
    """The control: four slow forms take the four threads of a bare server."""
    stop = threading.Event()
    lines = drip(port, Browser(port, dani), SLOW_LINES, stop)
    time.sleep(1)
    client = http.client.HTTPConnection("localhost", port, timeout=3)
    try:
        client.request("GET", LIST)
        with pytest.raises(TimeoutError):
            client.getresponse()
    finally:
        client.close()
        stop.set()
        for line in lines:
            line.close()

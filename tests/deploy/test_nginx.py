"""The proxy's files: their grammar, and what a real nginx does with them."""

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.deploy.files import ROOT, environment_of

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
needs_nginx = pytest.mark.skipif(not NGINX, reason="nginx is not installed on this computer")
FOLDER = ROOT / "deploy" / "nginx"


class Upstream(BaseHTTPRequestHandler):
    """Stands in for web: tells what arrived, and sends one file by the proxy."""

    def do_GET(self) -> None:
        body = json.dumps({key.lower(): value for key, value in self.headers.items()}).encode()
        self.send_response(200)
        if self.path == "/download/":
            self.send_header("X-Accel-Redirect", "/_media/evidence/a.pdf")
            self.send_header("Content-Type", "application/pdf")
            self.send_header("Content-Disposition", 'attachment; filename="a.pdf"')
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Content-Security-Policy", "sandbox; default-src 'none'")
            self.send_header("Cache-Control", "private, no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *args: object) -> None:
        pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_certificate(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"],
        check=True, capture_output=True,
    )  # fmt: skip


def lay_out(folder: Path, *, web: str, ports: dict[str, str]) -> Path:
    """The files as they are, but for the places and addresses of the containers."""
    changes = {
        "/etc/nginx/certs": str(folder / "certs"),
        "/srv/media/": f"{folder}/media/",
        "/tmp/": f"{folder}/tmp/",
        "http://web:8000": web,
    } | {f"listen {old}": f"listen {new}" for old, new in ports.items()}
    for name in ("tmp", "media/evidence", "logs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    # In one pass, longest first: a folder of the test may itself begin with /tmp/.
    pattern = re.compile("|".join(re.escape(old) for old in sorted(changes, key=len, reverse=True)))
    for source in FOLDER.glob("*.conf"):
        text = pattern.sub(lambda found: changes[found[0]], source.read_text())
        (folder / source.name).write_text(text)
    return folder


def ports_for(plain: int) -> dict[str, str]:
    return {
        "8080": f"127.0.0.1:{plain}",
        "8443": f"127.0.0.1:{free_port()}",
        "127.0.0.1:8081": f"127.0.0.1:{free_port()}",
    }


@needs_nginx
@pytest.mark.parametrize("mode", ["plain", "tls"])
def test_configuration_is_valid(mode: str, tmp_path: Path) -> None:
    if mode == "tls":
        if not shutil.which("openssl"):
            pytest.skip("openssl is not installed: no certificate can be made")
        make_certificate(tmp_path / "certs")
    folder = lay_out(tmp_path, web="http://127.0.0.1:1", ports=ports_for(free_port()))

    command = [NGINX, "-t", "-q", "-p", folder, "-c", folder / f"{mode}.conf"]
    answer = subprocess.run(command, capture_output=True, text=True)

    assert answer.returncode == 0, answer.stderr


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("proxy")
    (folder / "media" / "evidence").mkdir(parents=True)
    (folder / "media" / "evidence" / "a.pdf").write_bytes(b"%PDF- the file itself")
    return folder


@pytest.fixture(scope="module")
def proxy(media: Path) -> Iterator[int]:
    if not NGINX:
        pytest.skip("nginx is not installed on this computer")
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=upstream.serve_forever, args=[0.01], daemon=True).start()
    port = free_port()
    web = f"http://127.0.0.1:{upstream.server_port}"
    folder = lay_out(media, web=web, ports=ports_for(port))
    # As root, its workers would become a user who may not look into the folder of the test.
    options = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
    process = subprocess.Popen(
        [NGINX, "-p", folder, "-g", options, "-c", folder / "plain.conf"],
        stdout=(folder / "access.log").open("w"),
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)
        upstream.shutdown()


def wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("nginx did not start")


def ask(
    port: int, path: str, *, method: str = "GET", body: bytes | None = None, **headers: str
) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    connection.request(method, path, body=body, headers=named)
    return connection.getresponse()


def test_outer_proxy_is_believed_about_visitor_and_scheme(proxy: int) -> None:
    answer = ask(proxy, "/", X_Forwarded_For="6.6.6.6, 203.0.113.9", X_Forwarded_Proto="https")
    seen = json.load(answer)

    # One address only, the one that the outer proxy saw: what a visitor put before it is gone.
    assert seen["x-forwarded-for"] == "203.0.113.9"
    assert seen["x-forwarded-proto"] == "https"


def test_headers_that_a_visitor_makes_up_do_not_arrive(proxy: int) -> None:
    made_up = dict.fromkeys(
        ["X_Forwarded_Host", "X_Forwarded_Port", "X_Real_IP", "Forwarded"], "made-up"
    )
    seen = json.load(ask(proxy, "/", X_Forwarded_Proto="gopher", **made_up))

    assert "made-up" not in seen.values()
    assert seen["x-forwarded-proto"] == "http"


def test_files_go_out_only_on_the_word_of_the_application(proxy: int) -> None:
    assert ask(proxy, "/_media/evidence/a.pdf").status == 404

    answer = ask(proxy, "/download/")

    assert answer.status == 200
    assert answer.read() == b"%PDF- the file itself"
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="a.pdf"'
    # Each once: a browser may take the first of two, or neither.
    for name, value in {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }.items():
        assert answer.headers.get_all(name) == [value]


def test_body_over_55_mb_is_refused_before_it_is_sent(proxy: int) -> None:
    size = str(55 * 1024 * 1024 + 1)
    assert ask(proxy, "/", method="POST", Content_Length=size).status == 413


def test_upload_of_50_mb_goes_through(proxy: int) -> None:
    assert ask(proxy, "/", method="POST", body=bytes(50 * 1024 * 1024)).status == 200


def test_log_tells_no_path_and_no_address(proxy: int, media: Path) -> None:
    ask(proxy, "/m/a-secret-token/").read()
    time.sleep(0.2)

    lines = (media / "access.log").read_text().splitlines()
    assert lines
    assert json.loads(lines[-1])["status"] == 200
    assert "a-secret-token" not in "".join(lines)
    assert "127.0.0.1" not in "".join(lines)


def test_proxy_and_site_agree_on_the_path_of_uploads() -> None:
    prefix = environment_of("web")["X_ACCEL_PREFIX"]
    assert f"location {prefix} {{\n    internal;" in (FOLDER / "site.conf").read_text()

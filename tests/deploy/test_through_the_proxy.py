"""The site behind the real proxy: https and the visitor are known, and nothing is made up."""

import os
import subprocess
from collections.abc import Iterator

import pytest

from tests.deploy.conftest import Site
from tests.deploy.files import ROOT, environment_of, services
from tests.deploy.test_nginx import NGINX, ask, free_port, lay_out, ports_for, wait_for

pytestmark = pytest.mark.faults
HOST = "communities.example.org"


@pytest.fixture(scope="module")
def port(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    if not NGINX:
        pytest.skip("nginx is not installed on this computer")
    folder = tmp_path_factory.mktemp("through")
    web, outside = free_port(), free_port()
    environment = environment_of("web") | site.environment(site.web)
    environment |= {
        "GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{web}",
        "REDIS_URL": os.environ["REDIS_URL"],
        "TMPDIR": str(folder),
    }
    lay_out(folder, web=f"http://127.0.0.1:{web}", ports=ports_for(outside))
    options = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
    proxy = [NGINX, "-p", folder, "-g", options, "-c", folder / "plain.conf"]
    started = [
        subprocess.Popen(services()["web"]["command"], cwd=ROOT, env=environment),
        subprocess.Popen(proxy, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL),
    ]
    wait_for(web)
    wait_for(outside)
    yield outside
    for process in started:
        process.terminate()
        process.wait(20)


def test_page_is_served_where_the_outer_proxy_says_https(port: int) -> None:
    answer = ask(port, "/account/login/", Host=HOST, X_Forwarded_Proto="https")

    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "Server" not in answer.headers or "/" not in answer.headers["Server"]
    cookies = answer.headers.get_all("Set-Cookie")
    assert cookies
    assert all(cookie.startswith("__Host-") and "Secure" in cookie for cookie in cookies)


def test_plain_http_is_sent_to_https(port: int) -> None:
    answer = ask(port, "/account/login/", Host=HOST)

    assert answer.status == 301
    assert answer.headers["Location"] == f"https://{HOST}/account/login/"


def test_other_names_are_refused(port: int) -> None:
    assert ask(port, "/", Host="evil.example", X_Forwarded_Proto="https").status == 400
    made_up = ask(port, "/", Host="evil.example", X_Forwarded_Host=HOST, X_Forwarded_Proto="https")
    assert made_up.status == 400


def test_health_page_needs_no_name_and_no_https(port: int) -> None:
    assert ask(port, "/healthz").status == 200

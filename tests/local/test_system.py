import os
import socket
import subprocess

import pytest

from cop.local.system import LocalError, check_port, free_port, identity


def test_check_port_names_another_when_it_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(
            LocalError, match=rf"^Port {port} is in use. Try: make run PORT={port + 1}$"
        ):
            check_port(port)


def test_check_port_is_quiet_about_a_free_one():
    check_port(free_port())


@pytest.mark.parametrize("port", [0, 70000])
def test_check_port_refuses_what_is_no_port(port):
    with pytest.raises(LocalError, match="is not a port"):
        check_port(port)


def test_identity_is_empty_for_an_ended_process():
    ended = subprocess.Popen(["true"])
    pid = ended.pid
    while identity(pid):
        pass
    ended.wait()

    assert identity(pid) == ""
    assert identity(os.getpid()) == identity(os.getpid()) != ""

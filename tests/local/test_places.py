import os

from cop.local.places import LONGEST_SOCKET_NAME, LONGEST_SOCKET_PATH, Places


def test_sockets_are_near_when_the_path_is_short(tmp_path):
    var = tmp_path / "var"

    assert Places(var).sockets() == var / "sockets"


def test_sockets_of_a_deep_checkout_are_short_private_and_stable(tmp_path):
    deep = Places(tmp_path / ("deep" * 20) / "var")
    sockets = deep.sockets()
    try:
        assert len(os.fsencode(sockets)) + LONGEST_SOCKET_NAME <= LONGEST_SOCKET_PATH
        assert sockets.stat().st_mode & 0o777 == 0o700
        assert deep.sockets() == sockets
        assert Places(tmp_path / ("deep" * 20) / "other").sockets() != sockets
    finally:
        sockets.rmdir()
        Places(tmp_path / ("deep" * 20) / "other").sockets().rmdir()


def test_sockets_in_a_folder_that_is_not_ours_go_elsewhere(tmp_path):
    places = Places(tmp_path / "var")
    places.var.mkdir()
    (tmp_path / "trap").mkdir()
    (places.var / "sockets").symlink_to(tmp_path / "trap")

    assert places.sockets().resolve() != tmp_path / "trap"

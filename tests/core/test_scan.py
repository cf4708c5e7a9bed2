import io
from collections.abc import Iterator

import pytest

from cop.core import scan
from cop.core.scan import ScannerAway, ScanState, scan_stream
from tests.core.scanner import FakeScanner


@pytest.fixture
def scanner() -> Iterator[FakeScanner]:
    with FakeScanner() as running:
        yield running


def test_scan_stream_sends_all_and_reads_clean(scanner):
    content = b"x" * 200_001

    assert scan_stream(io.BytesIO(content), scanner.address) == ScanState.CLEAN
    assert scanner.received == [content]


def test_scan_stream_reads_infected(scanner):
    assert scan_stream(io.BytesIO(b"..EICAR.."), scanner.address) == ScanState.INFECTED


@pytest.mark.parametrize(
    "answer", [b"", b"stream: OK but odd\0", b"INSTREAM size limit exceeded. ERROR\0", b"\xff\0"]
)
def test_scan_stream_trusts_no_odd_answer(scanner, answer):
    scanner.answer = answer

    with pytest.raises(ScannerAway):
        scan_stream(io.BytesIO(b"x"), scanner.address)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.1:no", "127.0.0.1:1"])
def test_scan_stream_without_scanner(address):
    with pytest.raises(ScannerAway):
        scan_stream(io.BytesIO(b"x"), address)


def test_scan_stream_does_not_wait_for_ever(scanner, monkeypatch):
    monkeypatch.setattr(scan, "TIMEOUT_SECONDS", 0.2)
    scanner.is_silent = True

    with pytest.raises(ScannerAway):
        scan_stream(io.BytesIO(b"x"), scanner.address)


@pytest.mark.parametrize(
    ("address", "served"), [("", {"off", "pending", "clean"}), ("scan:3310", {"clean"})]
)
def test_may_serve(settings, address, served):
    settings.CLAMAV_ADDRESS = address

    assert {state for state in ScanState.values if scan.may_serve(state)} == served
    assert scan.first_state() == ("pending" if address else "off")

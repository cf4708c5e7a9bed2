import pytest

from cop.core.logs import scrub


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("to dani@cedarlantern.example now", "to [address] now"),
        ("<Dani+x@a.b.example>", "<[address]>"),
        ("GET /m/eyJhIjox:abc:def/unsubscribe/", "GET /m/[token]/unsubscribe/"),
        ({"a": ["x@y.example"]}, {"a": ["[address]"]}),
        (17, 17),
    ],
)
def test_scrub_takes_addresses_and_tokens_out(raw: object, clean: object) -> None:
    assert scrub(raw) == clean

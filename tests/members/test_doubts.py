import pytest

from members.doubts import looks_like_society_number, question_about


@pytest.mark.parametrize(
    "text",
    [
        "S-0071234",
        "s0071234",
        "S 71234",
        "12345 6789 RR 0001",
        "123456789RR0001",
        "BC1234567",
        "Society number 71234",
        "Charity registration no. 12",
        "Société nº S-0071234",
    ],
)
def test_looks_like_society_number(text):
    assert looks_like_society_number(text)


@pytest.mark.parametrize(
    "text",
    ["", "Moss Stair", "AL-2231", "House 12345", "Moss Stairs 2026", "ʔaq̓am 5", "RR 2, Creston"],
)
def test_looks_like_something_else(text):
    assert not looks_like_society_number(text)


def test_question_about_asks_only_where_the_criterion_says_so(criterion):
    assert question_about(criterion, "S-0071234") == ""

    criterion.doubt = "society_number"

    assert "“Name of the residence”" in question_about(criterion, "S-0071234")
    assert "For example" not in question_about(criterion, "S-0071234")
    assert question_about(criterion, "Moss Stair") == ""

    criterion.examples = "AL-2231, Lantern House.\nAL-2232"

    assert "For example: AL-2231, Lantern House. Change it" in question_about(criterion, "S71234")

from hypothesis import given
from hypothesis import strategies as st

from utterface.text import numbers


@given(st.integers(0, 10**18))
def test_cardinals_differ_and_hold_no_digit(number: int) -> None:
    assert not any(c.isdigit() for c in numbers.cardinal(number))
    assert numbers.cardinal(number) != numbers.cardinal(number + 1)


def test_numbers_by_hand() -> None:
    assert numbers.cardinal(1_000_001) == "one million one"
    assert numbers.cardinal(-40) == "minus forty"
    assert numbers.ordinal(12) == "twelfth"
    assert numbers.ordinal(90) == "ninetieth"
    assert numbers.decimal("0.05") == "zero point zero five"
    assert numbers.year(1066) == "ten sixty six"
    assert numbers.plural(numbers.year(1960)) == "nineteen sixties"

"""Values of options: what each reads, and the sentence for what it refuses."""

from __future__ import annotations

from argparse import ArgumentTypeError
from decimal import Decimal

import pytest

from wireproof.contract.store import SURFACE_FOLDERS
from wireproof.drift.finding import Severity
from wireproof.run_options import (
    RUN_OPTIONS,
    SEVERITIES,
    SURFACES,
    InRange,
    address,
    day,
    json_object,
    page,
    place,
    suite_folder,
    text,
)


def test_the_choices_are_those_of_the_models():
    """Written down once more, as the models take long to import."""
    assert set(SURFACES) == set(SURFACE_FOLDERS)
    assert list(SEVERITIES) == sorted((one.value for one in Severity), key=lambda name: Severity(name).rank)


def test_a_number_is_read_as_its_kind():
    assert InRange(1, 90)("30") == 30
    assert InRange(0, 1, float)("0.5") == 0.5
    assert InRange(0, 10, Decimal)("0.1") == Decimal("0.1")


@pytest.mark.parametrize("said", ["0", "91", "1.5", "nan", "sNaN", "inf", "-1", "", "x", "9" * 5000, "1e400"])
def test_a_number_beyond_its_range_is_refused_with_the_range(said):
    with pytest.raises(ArgumentTypeError, match="takes a whole number from 1 to 90, not '"):
        InRange(1, 90)(said)
    with pytest.raises(ArgumentTypeError, match=r"takes a number from 2 to 90, not '[^']{0,41}'$"):
        InRange(2, 90, Decimal)(said.replace("1.5", "1"))


@pytest.mark.parametrize(
    ("reads", "good", "bad"),
    [
        (place, "reports/below", "a\0b"),
        (place, "x" * 255, "x" * 256),
        (page, "https://example.org/" + "x" * 300, ""),
        (address, "https://example.org/a?b", "javascript:alert(1)"),
        (address, "http://example.org", "https://example.org/a b"),
        (text, " words ", " "),
        (day, "2026-08-01", "2026-13-01"),
        (json_object, '{"kind": "silent"}', "[]"),
    ],
)
def test_a_value_is_taken_as_it_is_or_refused(reads, good, bad):
    assert reads(good) == good
    with pytest.raises(ArgumentTypeError):
        reads(bad)


def test_names_are_those_that_values_are_read_from():
    assert {"fail_on", "max_notional", "show_values"} <= {option.name for option in RUN_OPTIONS}


def test_the_suite_of_a_checkout_is_found():
    assert (suite_folder() / "test_requests.py").is_file()

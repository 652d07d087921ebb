"""What is too much of a document is recognised, cut and named."""

import pytest

from wireproof.bounds import MOST_BYTES, bounded, cut, excess, is_deeper, read_file


def test_what_is_little_is_left_alone():
    assert bounded(b'{"a": 1}') == b'{"a": 1}'
    assert excess(b'{"a": 1}') == ""


def test_what_is_too_long_is_cut_and_says_so():
    whole = b"[" + b" " * MOST_BYTES + b"]"
    short = bounded(whole)
    assert len(short) < len(whole)
    assert excess(short) == "more than 8 MiB"


def test_too_many_values_are_cut_however_short():
    assert excess(bounded(b"[" + b"1," * 600_000 + b"1]")) == "more than 250,000 values"


def test_beginning_and_end_are_kept():
    short = cut(b"begin" + b"x" * 200_000 + b"end", "too much")
    assert short.startswith(b"begin")
    assert b"end\nWireproof read no further: too much" in short


def test_depth_counts_levels_of_objects_and_arrays():
    document = {"a": [{"b": 1}]}
    assert is_deeper(document, 2)
    assert not is_deeper(document, 3)
    assert not is_deeper("text", 0)


def test_a_file_that_is_too_long_is_an_error_with_a_sentence(tmp_path):
    file = tmp_path / "long"
    file.write_bytes(b"x" * 11)
    assert read_file(file, 11) == b"x" * 11
    with pytest.raises(OSError, match="it has more than 0 MiB"):
        read_file(file, 10)


def test_what_is_no_name_of_a_file_is_an_error_with_a_sentence():
    with pytest.raises(OSError, match="it is no name of a file"):
        read_file("a\0b")

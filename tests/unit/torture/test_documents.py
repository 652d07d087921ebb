"""A document that is altered in one place stays as it was written everywhere else."""

from __future__ import annotations

import pytest

from wireproof.torture.documents import EACH, nodes, parse, places, shown, write

TEXT = '{"a":1.10,"b":[{"c":"x"},{"c":1E-7}],"a":2,"é":null,"t":true,"big":12345678901234567890}'


def test_numbers_order_and_repeated_keys_are_kept():
    """Digits are not rewritten, and a key that comes twice does so afterwards."""
    assert write(parse(TEXT)) == TEXT


def test_no_json_is_a_value_error():
    """What cannot be read is said, not guessed."""
    with pytest.raises(ValueError, match="Expecting value"):
        parse("OK")


def test_a_path_leads_to_every_place():
    """Every element of an array and every repetition of a key is a place."""
    document = parse(TEXT)
    assert [holder[at][1] for holder, at in places(document, ("b", EACH, "c"))] == ["x", "1E-7"]
    assert len(places(document, ("a",))) == 2
    assert places(document, ()) == []
    assert places(document, ("nowhere", "x")) == []


def test_paths_show_as_findings_write_them():
    """Steps are parted by points, elements are brackets."""
    shown_paths = {shown(path) for path, _ in nodes(parse(TEXT))}
    assert {"", "a", "b", "b[]", "b[].c"} <= shown_paths
    assert shown((EACH, "e")) == "[].e"

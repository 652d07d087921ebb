"""Texts: the names of what a string may hold."""

import pytest

from wireproof.contract.texts import TEXTS, check_text
from wireproof.errors import UsageError


@pytest.mark.parametrize("name", TEXTS)
def test_every_text_is_accepted_by_its_name(name):
    assert check_text(name, "here") == name


def test_another_name_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match=r"a.json names .* does not exist: 'symbols'. Did you mean 'symbol'\?"):
        check_text("symbols", "a.json")

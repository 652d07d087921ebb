"""`-k` and `-m`, asked of cases as pytest asks them of tests: no test is made for a case that they leave out.

To make a test and to deselect it takes 0.3 ms: a run of four cases spent a third of its processor time on the others
(measured 2026-11-27 on two cores, pytest 9.0).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from _pytest.mark import KeywordMatcher, MarkMatcher
from _pytest.mark.expression import Expression

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.suite.planning.cases import PlannedCase


def chooser(function: pytest.Item, keywords: str, marks: str) -> Callable[[PlannedCase], bool]:
    """Return what says whether `-k` and `-m` leave the test of a case in; `function` is the suite's for its kind.

    An expression that pytest will refuse leaves every case in: it is refused in pytest's words.
    """
    by_keyword, by_mark = _readable(keywords), _readable(marks)
    shared = "\n".join(KeywordMatcher.from_item(function)._names).lower()  # noqa: SLF001  # pytest shows them nowhere else
    own = list(function.iter_markers())

    def keep(case: PlannedCase) -> bool:
        try:
            return (by_mark is None or by_mark.evaluate(_matcher_of(case, own))) and (
                by_keyword is None or by_keyword.evaluate(_Names(shared, f"{function.name}[{case.id}]", *case.marks))
            )
        except pytest.UsageError:
            return True

    return keep


def _matcher_of(case: PlannedCase, own: list[pytest.Mark]) -> MarkMatcher:
    return MarkMatcher.from_markers([*own, *(getattr(pytest.mark, name).mark for name in case.marks)])


class _Names:
    """What `-k` looks at of one case, in one text: no keyword has a line break in it."""

    def __init__(self, *names: str) -> None:
        self._text = "\n".join(names).lower()

    def __call__(self, keyword: str, /, **given: str | int | bool | None) -> bool:
        if given:
            raise pytest.UsageError("pytest refuses it in its words")
        return keyword.lower() in self._text


def _readable(expression: str) -> Expression | None:
    try:
        return Expression.compile(expression.lstrip()) if expression.strip() else None
    except SyntaxError:
        return None

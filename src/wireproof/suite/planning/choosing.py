"""Which cases `-k` and `-m` choose, as pytest chooses them in a run, and which words of theirs fit nothing."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from wireproof.errors import UsageError, did_you_mean, nearest
from wireproof.suite.vocabulary.marks import MARKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from _pytest.mark.expression import Expression

    from wireproof.suite.planning.cases import PlannedCase

#: Module and function of the suite that have the cases of a kind: pytest's `-k` looks at these names as well.
TESTS = {
    "documented": ("test_requests.py", "test_request"),
    "signature": ("test_requests.py", "test_request"),
    "rejection": ("test_rejections.py", "test_rejection"),
    "stream": ("test_streams.py", "test_stream"),
    "event": ("test_events.py", "test_event"),
}

#: Names that each test has beside those of its case.
_EVERY = ("asyncio", "parametrize", "case_kinds")

_WORD = re.compile(r"(?:\w|:|\+|-|\.|\[|\]|\\|/)+")
_GIVEN = re.compile(r"\([^()]*=[^()]*\)")  # what a mark was given: asyncio(loop_scope='session')
_NO_NAMES = frozenset({"and", "or", "not", "True", "False", "None"})


def chosen(cases: Iterable[PlannedCase], keyword: str | None = None, mark: str | None = None) -> list[PlannedCase]:
    """Return the cases that both expressions choose; None chooses all.

    Raises UsageError for an expression that is none, a mark that no case can have, and a choice without a case.
    """
    cases = list(cases)
    refuse_unsound(keyword, mark)
    if mark:
        marked = _compiled("-m", mark)
        cases = [one for one in cases if marked.evaluate(partial(_is_one, (*one.marks, *_EVERY)))]
    if keyword:
        worded = _compiled("-k", keyword)
        kept = [one for one in cases if worded.evaluate(partial(_is_in, names_of(one)))]
        if not kept and cases:
            raise UsageError(f"-k {keyword!r} fits no case. {hint(keyword, cases)}".rstrip())
        cases = kept
    return cases


def names_of(case: PlannedCase) -> tuple[str, ...]:
    """Return the names of a case's test that `-k` looks into."""
    module, function = TESTS[case.kind]
    return (module, function, f"{function}[{case.id}]", *case.marks, *_EVERY)


def refuse_unsound(keyword: str | None, mark: str | None) -> None:
    """Raise UsageError for an expression that is none, and for a mark that no case can have."""
    for flag, expression in (("-k", keyword), ("-m", mark)):
        if expression:
            _compiled(flag, expression)
    for name in _words(mark or ""):
        if name not in MARKS and name not in _EVERY:
            raise UsageError(f"-m: there is no mark {name!r}. {did_you_mean(name, MARKS)}")


def hint(keyword: str, cases: Sequence[PlannedCase]) -> str:
    """Return a sentence about the first word of a `-k` that is in no case: what is near it; empty without one."""
    for word in _words(keyword):
        if not any(_is_in(names_of(case), word) for case in cases):
            known = {part for one in cases for part in (one.id, one.contract.id, one.contract.id.split("/", 2)[-1])}
            near = nearest(word, known | {part.rpartition(".")[2] for part in known})
            return f"No id has {word!r}." + (f" Did you mean {near!r}?" if near else " `wireproof plan` lists them.")
    return ""


def _words(expression: str) -> list[str]:
    return [word for word in _WORD.findall(_GIVEN.sub("", expression)) if word not in _NO_NAMES]


def _is_one(names: Iterable[str], word: str, /, **_: object) -> bool:
    return word in names


def _is_in(names: Iterable[str], word: str, /, **_: object) -> bool:
    return any(word.lower() in name.lower() for name in names)


def _compiled(flag: str, text: str) -> Expression:
    from _pytest.mark.expression import Expression  # noqa: PLC0415  # only this needs it

    try:
        return Expression.compile(text)
    except SyntaxError as error:
        raise UsageError(f"{flag} {text!r} is no expression: {error.msg}. Write one such as 'a and not b'.") from None

"""A test that `-k` and `-m` would deselect is never made, and every other one is."""

from __future__ import annotations

import json
import sys
from subprocess import run

from checkout import ROOT

#: Beside pytest's own choice of the same tests, ours: the case ids that each expression leaves in.
ASKING = """
import json
from pathlib import Path
from _pytest.mark import KeywordMatcher, MarkMatcher
from _pytest.mark.expression import Expression
from wireproof.errors import UsageError
from wireproof.suite.planning.choosing import chosen
from wireproof.suite.planning.expressions import chooser

EXPRESSIONS = json.loads(Path("expressions.json").read_text())
functions = {}

def pytest_generate_tests(metafunc):
    functions[metafunc.definition.name] = metafunc.definition

def pytest_collection_modifyitems(items):
    said = []
    for keywords, marks in EXPRESSIONS:
        by_keyword = Expression.compile(keywords) if keywords else None
        by_mark = Expression.compile(marks) if marks else None
        keep = {name: chooser(function, keywords, marks) for name, function in functions.items()}
        pytests = [
            item.name for item in items
            if (by_keyword is None or by_keyword.evaluate(KeywordMatcher.from_item(item)))
            and (by_mark is None or by_mark.evaluate(MarkMatcher.from_markers(item.iter_markers())))
        ]
        ours = [item.name for item in items if keep[item.originalname](item.callspec.params["case"])]
        cases = {item.name: item.callspec.params["case"] for item in items}
        try:
            planned = {case.id for case in chosen(cases.values(), keywords, marks)}
        except UsageError:
            planned = set()
        said.append([keywords, marks, pytests, ours, [name for name, case in cases.items() if case.id in planned]])
    Path("said.json").write_text(json.dumps(said))
"""

EXPRESSIONS = [
    ("", ""),
    ("balance", ""),
    ("BALANCE and not rejections", ""),
    ("test_request[portfolio", ""),
    ("test_rejection or test_event", ""),
    ("test_requests.py", ""),
    ("request", ""),
    ("trading", ""),
    ("asyncio", ""),
    ("no-such-case", ""),
    ("", "trading"),
    ("", "not public and not irreversible"),
    ("", "asyncio(loop_scope='session')"),
    ("rest", "irreversible or trading"),
]


def test_the_choice_is_pytests_own(tmp_path):
    """Names of files, functions, cases and marks; upper and lower case; `not`."""
    (tmp_path / "asking.py").write_text(ASKING, "utf-8")
    (tmp_path / "expressions.json").write_text(json.dumps(EXPRESSIONS), "utf-8")
    command = [sys.executable, "-m", "wireproof", "run", "--product", "portfolio-margin-pro", "--collect-only"]
    environ = {"PYTHONPATH": str(tmp_path), "WIREPROOF_CONTRACTS": f"{ROOT}/contracts"}
    ended = run(
        [*command, "-q", "-p", "asking"], cwd=tmp_path, env=environ, capture_output=True, check=False, text=True
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr

    for keywords, marks, pytests, ours, planned in json.loads((tmp_path / "said.json").read_text("utf-8")):
        assert ours == planned == pytests, f"-k {keywords!r} -m {marks!r}"
        assert pytests or keywords == "no-such-case", f"-k {keywords!r} -m {marks!r}"

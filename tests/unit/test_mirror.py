"""Each module has its test module at the same path: `venue/base/params.py` has `venue/base/test_params.py` here."""

from __future__ import annotations

from checkout import ROOT, SRC

UNIT = ROOT / "tests/unit"

#: Modules without a test module, and where they are tested instead. One that got its own leaves the table.
WITHOUT_TESTS_OF_THEIR_OWN = {
    "cli/run_command.py": "whole runs: tests/unit/test_run.py, test_rough_run.py, test_hostile_run.py",
    "cli/venue_command.py": "starts the venue as a process: venue/test_main.py, tests/clients",
    "results/model.py": "records without behaviour, of which all reports are made",
    "suite/judging/observations.py": "what was sent and came: tests of whole cases, running/test_case_run.py",
    "suite/running/conductor.py": "starts and ends product runs: whole runs, events/test_exercise.py",
    "suite/running/post_checks.py": "checks on the account once a request was answered: whole runs",
    "suite/running/transport.py": "sends a case over a transport: suite/test_trouble.py, state/test_conditions.py",
    "suite/state/given.py": "values from wireproof's own answers: suite/state/test_own_answers.py",
    "suite/state/sessions.py": "listen keys and sessions as needs: suite/state/test_drops.py",
    "suite/streams/product_streams.py": "joins watching to a product run: whole runs",
    "venue/api/routes.py": "a table's type; the tables are tested",
    "venue/products/usdm/symbol_views.py": "documented fields: tests/contract compares them with the store",
}


def without_tests() -> set[str]:
    """Return the path of each module that has no test module."""
    modules = [file.relative_to(SRC) for file in SRC.rglob("*.py") if not file.name.startswith("__")]
    return {module.as_posix() for module in modules if not (UNIT / module.with_name(f"test_{module.name}")).exists()}


def test_every_module_has_its_tests():
    assert without_tests() - WITHOUT_TESTS_OF_THEIR_OWN.keys() == set(), "write tests at the same path below tests/unit"


def test_no_exception_is_kept_that_is_not_needed():
    assert WITHOUT_TESTS_OF_THEIR_OWN.keys() - without_tests() == set(), (
        "they have tests now, or are gone: take them off"
    )

"""Each module has its test module at the same path: `venue/base/params.py` has `venue/base/test_params.py` here."""

from __future__ import annotations

from checkout import ROOT, SRC

UNIT = ROOT / "tests/unit"

#: Modules that only tests of other modules, or of whole runs, exercise. One that got its own leaves the list, and none
#: joins it.
WITHOUT_TESTS_OF_THEIR_OWN: frozenset[str] = frozenset(
    {
        "cli/arguments.py",
        "cli/comparing.py",
        "cli/contracts.py",
        "cli/page_commands.py",
        "cli/run_command.py",
        "cli/venue_command.py",
        "contract/compiling/types.py",
        "contract/model.py",
        "drift/proving/mutations.py",
        "drift/proving/oracle.py",
        "results/model.py",
        "results/run_summary.py",
        "suite/events/event_ledger.py",
        "suite/events/event_reports.py",
        "suite/judging/aside.py",
        "suite/judging/observations.py",
        "suite/judging/run_state.py",
        "suite/judging/strays.py",
        "suite/judging/whose.py",
        "suite/planning/check.py",
        "suite/planning/requests.py",
        "suite/running/conductor.py",
        "suite/running/connections.py",
        "suite/running/fate.py",
        "suite/running/post_checks.py",
        "suite/running/replay.py",
        "suite/running/strength.py",
        "suite/running/transport.py",
        "suite/state/given.py",
        "suite/state/moved.py",
        "suite/state/sessions.py",
        "suite/streams/product_streams.py",
        "suite/streams/stream_reports.py",
        "suite/streams/watched.py",
        "suite/vocabulary/addressed.py",
        "torture/kinds.py",
        "torture/plan.py",
        "torture/proof.py",
        "torture/sentences.py",
        "torture/suite_runs.py",
        "venue/api/routes.py",
        "venue/products/coinm/coin_views.py",
        "venue/products/futures/kline_routes.py",
        "venue/products/futures/market_statistics.py",
        "venue/products/usdm/account_views.py",
        "venue/products/futures/order_views.py",
        "venue/products/usdm/symbol_views.py",
        "venue/products/futures/stream_payloads.py",
        "wire/reply.py",
    }
)


def without_tests() -> set[str]:
    """Return the path of each module that has no test module."""
    modules = [file.relative_to(SRC) for file in SRC.rglob("*.py") if not file.name.startswith("__")]
    return {module.as_posix() for module in modules if not (UNIT / module.with_name(f"test_{module.name}")).exists()}


def test_every_module_has_its_tests():
    assert without_tests() - WITHOUT_TESTS_OF_THEIR_OWN == set(), "write tests at the same path below tests/unit"


def test_no_exception_is_kept_that_is_not_needed():
    assert WITHOUT_TESTS_OF_THEIR_OWN - without_tests() == set(), "they have tests now, or are gone: take them off"

"""Findings, cases and runs made for tests of what is said of them."""

from __future__ import annotations

from typing import Any

from wireproof.drift.finding import Finding, Kind, Severity, Verdict, fingerprint
from wireproof.results.model import (
    BaselineFinding,
    Blockage,
    CaseResult,
    Coverage,
    LimitPool,
    Observation,
    RunResult,
    WaivedFinding,
)

BASE = 1_795_320_000_000.0  # 2026-11-22T04:00:00Z


class Results:
    """Makes findings, cases and runs; whatever a test does not name has a sound default."""

    base = BASE

    def finding(self, path: str = "result.price", kind: Kind = Kind.TYPE_CHANGED, **fields: Any) -> Finding:
        """Return a finding; by default a price that became an integer, which is breaking."""
        contract = fields.pop("contract", "usdm/ws-api/order.place")
        defaults: dict[str, Any] = {
            "severity": Severity.BREAKING,
            "expected": "decimal string",
            "actual": "integer",
            "samples": (path,),
            "fingerprint": fingerprint(contract, path, kind),
        }
        return Finding(
            contract=contract,
            path=path,
            kind=kind,
            **(defaults | fields),
        )

    def waived(self, finding: Finding, **fields: Any) -> WaivedFinding:
        """Return the finding as tolerated until the end of January."""
        defaults = {"reason": "Seen on testnet.", "link": "https://example.org/source", "expires": "2027-01-31"}
        return WaivedFinding(finding=finding, **(defaults | fields))

    def known(self, finding: Finding, **fields: Any) -> BaselineFinding:
        """Return the finding as one of the baseline until the end of January."""
        return BaselineFinding(finding=finding, **({"since": "2026-11-02", "expires": "2027-01-31"} | fields))

    def case(self, name: str = "limit-gtc", verdict: Verdict | None = Verdict.CONFORMS, **fields: Any) -> CaseResult:
        """Return a case of a contract, observed unless it was skipped (verdict None)."""
        contract = fields.pop("contract", "usdm/ws-api/order.place")
        case = f"{contract}/{name}"
        defaults: dict[str, Any] = {
            "product": "usdm",
            "surface": "ws-api",
            "subject": contract.rpartition("/")[2],
            "title": f"a {name} order",
            "docs_url": f"https://docs.example.org/{contract}",
            "kind": "documented",
            "documented": {"result": {"price": "0.10000"}},
            "private": True,
            "weight": 1,
            "requests": 2,
            "queued_at": BASE,
            "started_at": BASE + 1_000,
            "ended_at": BASE + 1_250,
        }
        if verdict is not None:
            defaults["observation"] = Observation(
                case=case,
                contract=contract,
                request='{"id":"1","method":"order.place","params":{"signature":"***"}}',
                response='{"id":"1","status":200,"result":{"price":7,"stopPrice":0.10000}}',
                status=200,
            )
        return CaseResult(id=case, contract=contract, verdict=verdict, **(defaults | fields))

    def run(self, *cases: CaseResult, **fields: Any) -> RunResult:
        """Return a run of these cases against testnet, counts computed from them."""
        exercised = [case for case in cases if case.verdict not in {None, Verdict.BLOCKED, Verdict.BROKEN}]
        conforming = [case for case in exercised if not case.findings]
        defaults: dict[str, Any] = {
            "run": "20261122T040000Z-abcd",
            "version": "0.2.0",
            "target": "testnet",
            "endpoints": {"usdm ws-api": "wss://testnet.example.org/ws-fapi/v1"},
            "titles": {"usdm": "USDⓈ-M futures"},
            "started_at": BASE,
            "ended_at": BASE + 65_000,
            "wire_ms": 4_200.0,
            "weight": 320,
            "requests": 340,
            "limit_pools": [LimitPool(name="futures", peak_per_minute=300, limit_per_minute=6_000)],
            "selected": len(cases),
            "exercised": len(exercised),
            "skipped": sum(case.verdict is None for case in cases),
            "coverage": [
                Coverage(
                    product="usdm",
                    surface="ws-api",
                    documented=21,
                    exercised=len({case.contract for case in exercised}),
                    conforming=len({case.contract for case in conforming}),
                    cases=len(cases),
                    cases_exercised=len(exercised),
                )
            ],
        }
        return RunResult(cases=list(cases), **(defaults | fields))

    def mixed(self) -> RunResult:
        """Return a run in which every verdict occurs."""
        place = self.finding(samples=("result.price",))
        extra = self.finding(
            "result.symbols[].note",
            Kind.UNDOCUMENTED_FIELD,
            contract="usdm/ws-api/exchangeInfo",
            severity=Severity.ADDITIVE,
            expected="nothing",
            actual="undocumented field, string",
            occurrences=650,
            of=650,
        )
        status = self.finding(
            "status", Kind.STATUS_CHANGED, contract="usdm/ws-api/ticker.price", expected="400", actual="200"
        )
        enum = self.finding(
            "result.status", Kind.UNDOCUMENTED_VALUE, severity=Severity.RISKY, expected="NEW", actual="`HELD|`"
        )
        return self.run(
            self.case("limit-gtc", Verdict.BREAKING, findings=[place, enum]),
            self.case("limit-ioc", Verdict.BREAKING, findings=[place]),
            self.case("hedge", Verdict.RISKY, findings=[enum]),
            self.case("all", Verdict.ADDITIVE, contract="usdm/ws-api/exchangeInfo", findings=[extra], private=False),
            self.case(
                "rejects/missing-symbol",
                Verdict.CONFORMS,
                contract="usdm/ws-api/ticker.price",
                kind="rejection",
                waived=[self.waived(status)],
            ),
            self.case("away", Verdict.BLOCKED, reason="testnet.example.org answered 451."),
            self.case("no-key", None, reason="no key for testnet"),
            self.case("odd", Verdict.BROKEN, reason="No order to modify: {open_order.orderId} is not prepared."),
            blocked=[
                Blockage(host="testnet.example.org", reason="It answered 451.", advice="Run it elsewhere.", cases=1)
            ],
            excluded={"needs --trade": 4},
            waivers_expired=["Waiver 0123456789ab expired on 2026-11-01: extend or remove it."],
            waivers_stale=["Waiver ba9876543210 was not needed: its path no longer differs."],
            leftovers=["order wp-1 of BTCUSDT"],
            not_cleaned=["position BTCUSDT LONG 0.001"],
            notes=["The clock of this machine is 1.2 s ahead."],
            exit_status=3,
        )

"""Findings: how bad they are, and what makes two of them one deviation."""

from wireproof.drift.finding import VALUE_KINDS, Kind, Severity, Verdict, fingerprint


def test_severities_have_ranks():
    assert [one.rank for one in (Severity.ADDITIVE, Severity.RISKY, Severity.BREAKING)] == [0, 1, 2]


def test_every_severity_is_a_verdict():
    assert {str(one) for one in Severity} <= {str(one) for one in Verdict}


def test_a_fingerprint_is_of_contract_path_and_kind():
    one = fingerprint("usdm/rest/a", "price", Kind.TYPE_CHANGED)
    assert one == fingerprint("usdm/rest/a", "price", Kind.TYPE_CHANGED)
    assert len(one) == 12
    others = {
        fingerprint("usdm/rest/b", "price", Kind.TYPE_CHANGED),
        fingerprint("usdm/rest/a", "qty", Kind.TYPE_CHANGED),
        fingerprint("usdm/rest/a", "price", Kind.NULL_VALUE),
        fingerprint("usdm/rest/a", "price", Kind.TYPE_CHANGED, "5"),
    }
    assert len(others - {one}) == 4


def test_fingerprints_stay_as_waivers_hold_them():
    assert fingerprint("usdm/event/ACCOUNT_UPDATE", "a.P[].ma", Kind.UNDOCUMENTED_FIELD) == "1d4336bbc9ed"


def test_texts_that_are_no_unicode_have_a_fingerprint():
    assert len(fingerprint("c", "\ud800", Kind.UNDOCUMENTED_VALUE, "\ud800")) == 12


def test_values_tell_deviations_apart_where_the_value_deviates():
    assert Kind.UNDOCUMENTED_VALUE in VALUE_KINDS
    assert Kind.TYPE_CHANGED not in VALUE_KINDS

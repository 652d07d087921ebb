"""What a contract is of stands in its file under the name of its kind, and in the model in one field."""

from __future__ import annotations

import msgspec
import pytest
from made_contracts import made_contract

from wireproof.contract.contract_file import ContractFile, contract_in, file_form
from wireproof.contract.model import Event, Stream, Surface, WholeConnection

STREAM, EVENT = Stream(name="<symbol>@x"), Event(name="X")


@pytest.mark.parametrize("surface", Surface)
def test_a_file_holds_the_subject_of_its_surface(surface):
    contract = made_contract({"a": 1}, surface=surface)
    held = msgspec.json.encode(file_form(contract))
    assert contract_in(msgspec.json.decode(held, type=ContractFile)) == contract


@pytest.mark.parametrize(
    ("surface", "subjects", "said"),
    [
        (Surface.STREAM, {}, "has no subject; its surface needs 'stream' alone."),
        (Surface.STREAM, {"event": EVENT}, "has event; its surface needs 'stream' alone."),
        (Surface.EVENT, {"stream": STREAM, "event": EVENT}, "has stream and event; its surface needs 'event' alone."),
        (Surface.REST, {"stream": STREAM}, "has stream; its surface needs 'request' alone."),
    ],
)
def test_another_subject_than_that_of_its_surface_is_refused(surface, subjects, said):
    named = dict.fromkeys(("id", "title", "product", "docs_url", "revised"), "x")
    with pytest.raises(ValueError) as refused:  # all that it says is compared
        contract_in(ContractFile(surface=surface, **named, **subjects))
    assert str(refused.value) == said


def test_a_connection_as_a_whole_has_neither_parameters_nor_numbers_in_order_nor_a_name_of_its_own():
    contract = made_contract(surface=Surface.STREAM, subject=WholeConnection())
    assert (contract.params, contract.monotonic, contract.repeats, contract.is_command) == ((), (), {}, False)
    assert contract.name == contract.id

"""Modules are parsed as text; what cannot be parsed is named, and the rest is read."""

from __future__ import annotations

import ast

import pytest

from wireproof.pages.sdk.source_modules import parse_modules, statements

MODEL = "class A(BaseModel):\n    x: Optional[StrictStr] = None\n"


def test_models_and_clients_are_told_apart():
    found = parse_modules(
        {"a/models/a.py": MODEL, "a/api.py": "def f():\n    send_request()\n", "a/other.py": "x = 1", "a/x.txt": MODEL}
    )
    assert (list(found.models), list(found.clients), found.unreadable) == (["a/models/a.py"], ["a/api.py"], [])


def test_methods_of_models_are_left_out_except_what_says_that_it_is_a_list():
    method = (
        "    @classmethod\n    def is_array(cls) -> bool:\n        return True\n\n"
        "    def to_str(\n        self,\n    ) -> str:\n        return 1\n\n    y: int = 0\n"
    )
    (tree,) = parse_modules({"m.py": MODEL + method}).models.values()
    assert [getattr(node, "name", "field") for node in tree.body[0].body] == ["field", "is_array", "field"]


def test_a_model_written_in_another_style_is_parsed_whole():
    method = '    def f(self):\n        """\nText at the left margin.\n"""\n        return 1\n'
    found = parse_modules({"m.py": MODEL + method})
    assert found.unreadable == []
    assert list(found.models) == ["m.py"]


@pytest.mark.parametrize(
    "text",
    ["def broken(:\n", "x = " + "(" * 5000 + ")" * 5000, "x = 1\0", "x = " + "-" * 100_000 + "1", "if 1:\n" * 300],
)
def test_what_python_does_not_parse_is_named(text):
    found = parse_modules({"bad.py": f"class A(BaseModel): pass\n{text}", "good.py": MODEL})
    assert [one.partition(":")[0] for one in found.unreadable] == ["bad.py"]
    assert list(found.models) == ["good.py"]


def test_tests_and_examples_are_no_documentation():
    assert parse_modules({"tests/a.py": MODEL, "x/examples/a.py": MODEL}).models == {}


def test_statements_are_found_wherever_they_stand_in_the_order_of_a_walk():
    tree = ast.parse(
        "a = lambda: 1\n"
        "class A:\n    async def f(self):\n        with x:\n            b = [c for c in d]\n"
        "try:\n    e = 1\nexcept E:\n    f = 1\nelse:\n    g = 1 if h else 2\nfinally:\n    i = 1\n"
        "match j:\n    case 1:\n        k = 1\n    case _:\n        l = 1\n"
        "for m in n:\n    o = 1\nelse:\n    async def p(): return 1\n"
        "while q:\n    if r:\n        s: int = 1\n    elif t:\n        def u(): pass\n"
    )
    wanted = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    assert [node for node in statements(tree) if isinstance(node, ast.stmt)] == wanted
    assert len(wanted) > 20

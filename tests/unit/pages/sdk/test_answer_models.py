"""Models: kinds at each path, lists, unions, maps, and what they leave open."""

from __future__ import annotations

import ast

import tiny_sdks

from wireproof.pages.sdk.answer_models import ModelIndex


def fields(text, name="A"):
    return ModelIndex({"sdk/models/m.py": ast.parse(text)}).fields(name, "sdk/api")


def test_fields_have_their_names_on_the_wire_and_their_kinds():
    found = fields(
        tiny_sdks.model(
            "A",
            'symbol: Optional[StrictStr] = Field(default=None, description="The  symbol", alias="s")\n'
            "count: Optional[StrictInt] = None\n"
            "rate: Optional[Union[StrictFloat, StrictInt]] = None\n"
            "done: StrictBool | None = None\n"
            "pairs: Optional[List[Annotated[List[StrictStr], Field(min_length=2)]]] = None\n"
            'side: Literal["BUY", "SELL"] = "BUY"\n'
            "shown: Optional[StrictInt] = Field(default=None, examples=[7])",
        )
    )
    assert found.kinds == {
        "": ["object"],
        "s": ["string"],
        "count": ["integer"],
        "rate": ["number", "integer"],
        "done": ["boolean"],
        "pairs": ["array"],
        "pairs[]": ["array"],
        "pairs[][]": ["string"],
        "side": ["string"],
        "shown": ["integer"],
    }
    assert (found.words, found.shown) == ({"s": "The symbol"}, {"shown": 7})


def test_lists_of_models_and_models_that_are_lists():
    inner = tiny_sdks.model("AInner", "x: Optional[StrictInt] = None")
    listed = inner + tiny_sdks.model("A", "all: Optional[List[AInner]] = None")
    assert fields(listed).kinds.keys() == {"", "all", "all[]", "all[].x"}
    array = inner + "class A(AInner):\n    @classmethod\n    def is_array(cls):\n        return True\n"
    assert fields(array).kinds == {"": ["array"], "[]": ["object"], "[].x": ["integer"]}
    silent = inner + "class A(AInner):\n    __properties: ClassVar[List[str]] = []\n"
    assert fields(silent).kinds == {"": ["array"], "[]": ["object"], "[].x": ["integer"]}


def test_variants_are_joined_and_events_have_their_names():
    text = (
        tiny_sdks.model("One", "x: Optional[StrictInt] = None")
        + tiny_sdks.model("Two", "y: Optional[StrictInt] = None", array=True)
        + "class A(BaseModel):\n    oneof_schema_1_validator: Optional[One] = None\n"
        "    oneof_schema_2_validator: Optional[Two] = None\n"
        "    actual_instance: Optional[Union[One, list[Two]]] = None\n"
        'A_EVENT_SCHEMA_MAP = {"ONE_EVENT": One, "two": Two}\n'
    )
    assert fields(text).kinds == {"": ["object", "array"], "x": ["integer"], "[]": ["object"], "[].y": ["integer"]}
    index = ModelIndex({"sdk/models/m.py": ast.parse(text)})
    assert index.events("A", "sdk/api") == {"ONE_EVENT": "One", "two": "Two"}


def test_what_a_model_leaves_open_is_marked():
    found = fields(
        tiny_sdks.model("A", "free: Optional[Dict[str, Any]] = None\nany: Optional[Any] = None\nnone: Unknown = None")
    )
    assert found.open_paths == {"free", "any", "none"}
    assert fields(tiny_sdks.model("A", "", array=True)).open_paths == {"[]"}


def test_a_model_of_itself_ends():
    found = fields(tiny_sdks.model("A", "next: Optional[A] = None"))
    assert found.kinds == {"": ["object"], "next": ["any"]}
    assert found.open_paths == {"next"}


def test_the_model_beside_whoever_asks_comes_first():
    index = ModelIndex(
        {
            "sdk/rest/models/a.py": ast.parse(tiny_sdks.model("A", "x: Optional[StrictInt] = None")),
            "sdk/ws/models/a.py": ast.parse(tiny_sdks.model("A", "y: Optional[StrictInt] = None")),
        }
    )
    assert list(index.fields("A", "sdk/ws/api").kinds) == ["", "y"]
    assert list(index.fields("A", "sdk/rest/api").kinds) == ["", "x"]

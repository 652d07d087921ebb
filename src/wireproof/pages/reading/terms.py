"""The words that the documentation uses for the parts of a page, in English and Simplified Chinese."""

from __future__ import annotations

import re
from enum import StrEnum


class Part(StrEnum):
    """A part of a page, by what its heading says."""

    DESCRIPTION = "description"
    HTTP = "http"
    METHOD = "method"
    REQUEST = "request"
    WEIGHT = "weight"
    WEIGHT_ORDERS = "weight-orders"
    WEIGHT_UID = "weight-uid"
    PARAMETERS = "parameters"
    RESPONSE = "response"
    STREAM_NAME = "stream-name"
    EVENT_NAME = "event-name"
    UPDATE_SPEED = "update-speed"
    ROUTE = "route"
    NOTES = "notes"
    ERRORS = "errors"


ENGLISH: dict[Part, tuple[str, ...]] = {
    Part.DESCRIPTION: (
        "api description", "description", "event description", "stream description", "channel description",
    ),
    Part.HTTP: ("http request", "http method", "endpoint", "http"),
    Part.METHOD: ("method",),
    Part.REQUEST: ("request", "request example", "example request", "requests"),
    Part.WEIGHT: ("request weight", "weight", "ip weight", "request weight(ip)", "weight(ip)"),
    Part.WEIGHT_ORDERS: ("request weight(order)", "request weight(orders)", "weight(order)"),
    Part.WEIGHT_UID: ("request weight(uid)", "weight(uid)", "uid weight"),
    Part.PARAMETERS: ("request parameters", "request parameter", "parameters", "parameter"),
    Part.RESPONSE: (
        "response example", "response examples", "example response", "response", "responses", "payload",
        "payload example", "event payload", "response payload",
    ),
    Part.STREAM_NAME: ("stream name", "stream names"),
    Part.EVENT_NAME: ("event name", "event names", "event type"),
    Part.UPDATE_SPEED: ("update speed", "push frequency"),
    Part.ROUTE: ("url path", "url", "stream url", "base url", "path"),
    Part.NOTES: ("note", "notes", "remarks", "other info", "important notes"),
    Part.ERRORS: ("error", "errors", "error code", "error codes", "error example"),
}  # fmt: skip

CHINESE: dict[Part, tuple[str, ...]] = {
    Part.DESCRIPTION: ("接口描述", "描述", "事件描述", "数据流描述", "推送描述", "接口说明"),
    Part.HTTP: ("http请求", "http 请求", "http请求方式", "http方法"),
    Part.METHOD: ("方式", "方法", "method"),
    Part.REQUEST: ("请求", "请求示例", "请求样例"),
    Part.WEIGHT: ("请求权重", "权重", "ip权重", "请求权重(ip)", "权重(ip)"),
    Part.WEIGHT_ORDERS: ("请求权重(order)", "请求权重(订单)", "权重(order)"),
    Part.WEIGHT_UID: ("请求权重(uid)", "权重(uid)", "uid权重"),
    Part.PARAMETERS: ("请求参数", "参数"),
    Part.RESPONSE: ("响应示例", "响应", "响应样例", "返回示例", "返回", "推送示例", "推送内容", "响应参数"),
    Part.STREAM_NAME: ("数据流名称", "stream名称", "stream 名称", "流名称"),
    Part.EVENT_NAME: ("事件名称", "事件名", "事件类型"),
    Part.UPDATE_SPEED: ("更新速度", "更新频率", "推送频率"),
    Part.ROUTE: ("url路径", "url 路径", "路径"),
    Part.NOTES: ("注意", "备注", "说明", "注意事项"),
    Part.ERRORS: ("错误", "错误码", "错误代码"),
}

_PARTS = {word: part for words in (ENGLISH, CHINESE) for part, names in words.items() for word in names}
_CHINESE_ONLY = {word for names in CHINESE.values() for word in names} - {w for n in ENGLISH.values() for w in n}

NAME_COLUMNS = (
    "name", "parameter", "param", "field", "argument", "key", "property", "parameter name", "field name",
    "名称", "参数名", "参数", "参数名称",
)  # fmt: skip
TYPE_COLUMNS = ("type", "data type", "datatype", "value type", "format", "类型", "数据类型")
REQUIRED_COLUMNS = (
    "mandatory", "required", "is required", "is mandatory", "necessity", "req", "req.",
    "是否必需", "是否必须", "必需", "必填", "是否必填",
)  # fmt: skip
OPTIONAL_COLUMNS = ("optional", "is optional")  # which say the opposite
DESCRIPTION_COLUMNS = (
    "description", "desc", "details", "remarks", "remark", "notes", "note", "comment", "comments", "meaning",
    "描述", "说明", "备注",
)  # fmt: skip

YES = ("yes", "true", "y", "required", "mandatory", "✓", "✔", "✔️", "✅", "☑", "是", "必须", "必需", "必填")
NO = (
    "no", "false", "n", "optional", "not required", "conditional", "either", "either or both",
    "✗", "✘", "❌", "☐", "-", "\u2013", "\u2014", "否", "可选", "非必需", "",
)  # fmt: skip

NO_PARAMETERS = ("none", "null", "no parameters", "无", "空", "-", "n/a", "none.")


def part_of(heading: str) -> Part | None:
    """Return the part that a heading names, or None: the last words after an angle hold."""
    return _PARTS.get(_word(heading))


def is_chinese_part(heading: str) -> bool:
    """Whether a heading is one that only Chinese pages have."""
    return _word(heading) in _CHINESE_ONLY


def _word(heading: str) -> str:
    text = re.split(r"\s[\u203a\u00bb>]\s", heading)[-1].strip().lower()
    text = re.sub(r"\s*\(\s*", "(", re.sub(r"\s*\)\s*", ")", text))
    return text.rstrip(": .")


def title_of(heading: str) -> str:
    """Return the words of a heading before the angle that parts it from `Request`."""
    return re.split(r"\s[\u203a\u00bb>]\s", heading)[0].strip()

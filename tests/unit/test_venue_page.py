"""docs/venue.md and the Dockerfile beside it: what they show works, and nothing in them names a registry."""

from __future__ import annotations

import json
import re
import shlex

import pytest
from checkout import ROOT

from wireproof.venue.__main__ import read_options
from wireproof.venue.base.auth import ApiKey
from wireproof.venue.serving.server import EVERY_INTERFACE, Venue

PAGE = (ROOT / "docs/venue.md").read_text("utf-8")
DOCKERFILE = (ROOT / "docs/Dockerfile").read_text("utf-8")


@pytest.fixture(scope="module")
def exchange_keys():
    """Return a key, made once."""
    return [ApiKey.generate("HMAC"), ApiKey.generate("HMAC"), ApiKey.generate("HMAC")]


def test_faults_of_the_page_are_taken(exchange_keys):
    """Each of them, by a venue that refuses whatever names nothing."""
    faults = Venue(keys=exchange_keys, tick_seconds=None).faults
    shown = [json.loads(one) for one in re.findall(r"--fault '(\{.*?\})'$", PAGE, re.MULTILINE)]
    assert len(shown) >= 6
    faults.add_documents(shown)


def test_commands_of_the_page_have_options_that_there_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^wireproof venue (.*?)(?:  #.*)?$", PAGE, re.MULTILINE)
    assert len(commands) >= 7
    for command in commands:
        read_options(shlex.split(command))


def test_the_dockerfile_starts_a_venue_for_other_machines():
    """Its command is one; it names images and packages by name only, and nothing runs as root."""
    [entry] = re.findall(r"^ENTRYPOINT (.+)$", DOCKERFILE, re.MULTILINE)
    name, command, *arguments = json.loads(entry)
    options = read_options(arguments)
    assert (name, command, options.port) == ("wireproof", "venue", 8000)
    assert options.host in EVERY_INTERFACE
    assert f"EXPOSE {options.port}" in DOCKERFILE
    [image] = re.findall(r"^FROM (.+)$", DOCKERFILE, re.MULTILINE)
    assert re.fullmatch(r"python:3\.\d+-slim", image)
    instructions = re.findall(r"^([A-Z]+) ", DOCKERFILE, re.MULTILINE)
    assert instructions == ["FROM", "COPY", "RUN", "USER", "EXPOSE", "ENTRYPOINT"]
    assert re.search(r"https?://|index-url|/[a-z]+\.(io|com|org)", DOCKERFILE) is None

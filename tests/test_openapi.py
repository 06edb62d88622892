"""What is drawn from code must stand in docs/ as it would be drawn now."""

import importlib.util
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
_spec = importlib.util.spec_from_file_location("draw", ROOT / "docs" / "draw.py")
draw = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(draw)


@pytest.mark.parametrize("name", draw.DRAWN)
def test_committed_file_equals_the_drawn_one(name):
    path = ROOT / name
    committed = path.read_text("utf-8") if path.exists() else ""
    assert committed == draw.DRAWN[name](), f"{name} is old; run: .venv/bin/python docs/draw.py"


def test_every_move_of_a_case_is_a_sub_resource():
    paths = json.loads((ROOT / "docs/api/openapi.json").read_text("utf-8"))["paths"]
    moves = {path.rsplit("/", 1)[1] for path in paths if path.startswith("/api/v1/cases/{number}/")}
    assert moves == {
        "dispatch", "take", "solve", "sign", "return", "finish", "callback", "classify", "note", "contact", "report-up",
        "verify", "reject", "decide", "close-explained", "redo", "reopen", "urge", "supervise", "instruct",
        "answer-enquiry", "ask", "resume", "ask-extension", "ask-suspension", "decide-request", "whistle", "report-in", "rule", "merge", "split", "exclude",
        "relay", "ask-call", "call-made",
    }  # fmt: skip
    assert {"/api/v1/reports", "/api/v1/reports/batch", "/api/v1/categories"} <= set(paths)
    assert all("post" in paths[path] for path in paths if path.startswith("/api/v1/cases/{number}/"))

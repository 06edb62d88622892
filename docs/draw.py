"""Draw what is drawn from code: docs/flows/*.md and docs/api/openapi.json. Run: .venv/bin/python docs/draw.py

A test compares the committed files with these and fails when they differ.
"""

import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def case_flow() -> str:
    """The life of a case: a drawing and the table of moves."""
    from yijiaan.cases.flows import FLOW

    groups = {"open": "办理中", "done": "已结束", "refused": "不予受理"}
    lines = [
        "# 事件的一生",
        "",
        "由 `src/yijiaan/cases/flows.py` 生成，请勿手改。",
        "",
        "```mermaid",
        FLOW.mermaid().rstrip(),
        "```",
        "",
    ]
    lines += ["| 状态 | 代码 | 类别 |", "| --- | --- | --- |"]
    lines += [f"| {state.label} | `{state.value}` | {groups[state.group]} |" for state in FLOW.states]
    lines += ["", "| 动作 | 代码 | 从 | 到 | 权限 |", "| --- | --- | --- | --- | --- |"]
    for move in FLOW.moves:
        sources = "、".join(FLOW.state(source).label for source in move.sources)
        targets = " 或 ".join(FLOW.state(target).label for target in move.targets)
        lines.append(f"| {move.label} | `{move.name}` | {sources} | {targets} | `{move.permission}` |")
    return "\n".join(lines) + "\n"


def openapi() -> str:
    """The description of /api/v1."""
    from yijiaan.project.api import api

    return json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


DRAWN = {"docs/flows/case.md": case_flow, "docs/api/openapi.json": openapi}


def main() -> None:
    """Write every file."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yijiaan.project.settings")
    os.environ.setdefault("DATABASE_URL", "postgresql:///yijiaan")  # nothing is asked of it
    os.environ.setdefault("YIJIAAN_TESTING", "1")
    sys.path.insert(0, str(ROOT / "src"))
    import django

    django.setup()
    for name, draw in DRAWN.items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(draw(), encoding="utf-8")
        print(name)


if __name__ == "__main__":
    main()

"""Draw what is drawn from code: docs/flows/*.md and docs/api/openapi.json. Run: .venv/bin/python docs/draw.py

A test compares the committed files with these and fails when they differ.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def case_flow() -> str:
    """The life of a case: a drawing and the table of moves."""
    from yijiaan.cases.flows import FLOW

    return drawn_flow(FLOW, "事件的一生", "cases")


def hazard_flow() -> str:
    """The life of a hazard."""
    from yijiaan.safety.flows import FLOW

    return drawn_flow(FLOW, "隐患的一生", "safety")


def inspection_flow() -> str:
    """The life of an inspection."""
    from yijiaan.safety.flows import INSPECTION_FLOW

    return drawn_flow(INSPECTION_FLOW, "一次检查的经过", "safety")


def patrol_flow() -> str:
    """The life of one walk."""
    from yijiaan.patrols.flows import FLOW

    return drawn_flow(FLOW, "一趟巡查的经过", "patrols")


def visit_flow() -> str:
    """The life of an arrangement to visit."""
    from yijiaan.patrols.visit_flows import FLOW

    return drawn_flow(FLOW, "一个走访安排的经过", "patrols", "visit_flows")


def one_form_flow() -> str:
    """The life of a form from above."""
    from yijiaan.oneform.flows import FLOW

    return drawn_flow(FLOW, "一张上级下发的表的经过", "oneform")


def drawn_flow(flow: Any, title: str, app: str, module: str = "flows") -> str:
    """A drawing and the table of moves."""
    groups = {"open": "办理中", "done": "已结束", "refused": "不予受理"}
    lines = [
        f"# {title}",
        "",
        f"由 `src/yijiaan/{app}/{module}.py` 生成，请勿手改。",
        "",
        "```mermaid",
        flow.mermaid().rstrip(),
        "```",
        "",
    ]
    lines += ["| 状态 | 代码 | 类别 |", "| --- | --- | --- |"]
    lines += [f"| {state.label} | `{state.value}` | {groups[state.group]} |" for state in flow.states]
    lines += ["", "| 动作 | 代码 | 从 | 到 | 权限 |", "| --- | --- | --- | --- | --- |"]
    for move in flow.moves:
        sources = "、".join(flow.state(source).label for source in move.sources)
        targets = " 或 ".join(flow.state(target).label for target in move.targets)
        lines.append(f"| {move.label} | `{move.name}` | {sources} | {targets} | `{move.permission}` |")
    return "\n".join(lines) + "\n"


def openapi() -> str:
    """The description of /api/v1."""
    from yijiaan.project.api import api

    return json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


DRAWN = {
    "docs/flows/case.md": case_flow,
    "docs/flows/hazard.md": hazard_flow,
    "docs/flows/inspection.md": inspection_flow,
    "docs/flows/one-form.md": one_form_flow,
    "docs/flows/patrol.md": patrol_flow,
    "docs/flows/visit.md": visit_flow,
    "docs/api/openapi.json": openapi,
}


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

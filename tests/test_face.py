"""The face over the whole package: what old browsers can show, and how people are spoken to; with a seeded fault for each rule."""

import re
from pathlib import Path

import pytest

from tests import face_rules as rules
from tests.face_rules import RULES
from tests.house_rules import Source

SRC = Path(__file__).resolve().parents[1] / "src" / "yijiaan"
READ = {".py", ".html", ".js", ".css"}

# exceptions, each with its reason; an entry that excuses nothing fails
EXCUSED = {
    "engines/files/models.py:12 has": "names of codes in a column's help, read by developers",
    "日期,名称,类别": "the first line of a file with commas, as it must be written",
    "1-01,元旦,休": "a line of such a file",
}


@pytest.fixture(scope="session")
def package() -> list[Source]:
    """Every source of the package that a person or a browser reads."""
    files = (path for path in sorted(SRC.rglob("*")) if path.suffix in READ and "__pycache__" not in path.parts)
    return [Source(str(path.relative_to(SRC)), path.read_text()) for path in files]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_package_keeps_the_rule(rule, package):
    assert [line for line in rule(package) if not any(part in line for part in EXCUSED)] == []


def test_every_excuse_is_still_needed(package):
    found = [line for rule in RULES for line in rule(package)]
    assert [part for part in EXCUSED if not any(part in line for line in found)] == []


FAULTS = [
    (rules.styles, "ui/static/yj/css/kit.css", ".a:has(.b) { color: red; }"),
    (rules.styles, "portal/static/yj/portal/board.css", "@container (min-width: 20rem) { .a { color: red; } }"),
    (rules.styles, "portal/static/yj/portal/board.css", ".a { .b { color: red; } }"),
    (rules.styles, "portal/static/yj/portal/board.css", "@media print { .a { &:hover { color: red; } } }"),
    (rules.styles, "portal/static/yj/portal/board.css", ".a { min-height: 100dvh; }"),
    (rules.styles, "portal/static/yj/portal/board.css", "@media (width >= 40rem) { .a { color: red; } }"),
    (rules.styles, "portal/static/yj/portal/board.css", ".a { rotate: 3deg; }"),
    (rules.styles, "ui/static/yj/css/field.css", ".a { inset: 0; }"),
    (rules.styles, "ui/static/yj/css/field.css", ":is(.a, .b) { color: red; }"),
    (rules.styles, "ui/static/yj/css/field.css", ".a:hover, .a:focus-visible { color: red; }"),
    (rules.scripts, "portal/static/yj/portal/board.js", "const copy = structuredClone(rows);"),
    (rules.scripts, "portal/static/yj/portal/board.js", "const last = rows.at(-1);"),
    (rules.scripts, "portal/static/yj/portal/board.js", "if (Object.hasOwn(row, name)) go();"),
    (rules.scripts, "portal/static/yj/portal/board.js", "const found = /(?<=件)\\d+/.exec(text);"),
    (rules.scripts, "portal/static/yj/portal/board.js", "fetch(url, { signal: AbortSignal.timeout(10) });"),
    (rules.scripts, "portal/static/yj/portal/board.js", "const key = crypto.randomUUID();"),
    (rules.scripts, "portal/static/yj/portal/board.js", "await navigator.locks.request('a', go);"),
    (rules.scripts, "portal/static/yj/portal/board.js", "dialog.showModal();"),
    (rules.scripts, "ui/static/yj/ui/photo.js", "values.name ??= '';"),
    (rules.scripts, "ui/static/yj/ui/photo.js", "const plain = text.replaceAll('a', 'b');"),
    (rules.scripts, "ui/static/yj/ui/photo.js", "list.replaceChildren();"),
    (rules.internal_terms, "cases/templates/cases/public/receipt.html", "<p>您的工单已生成</p>"),
    (rules.internal_terms, "cases/tracked.py", "WORDS = '事项流转中'"),
    (rules.internal_terms, "ui/static/yj/ui/saved.js", 'say("已闭环");'),
    (rules.bare_success, "cases/views/desk.py", "say('操作成功')"),
    (rules.bare_success, "ui/templates/ui/a.html", "<p>提交成功！</p>"),
    (rules.punctuation, "cases/views/desk.py", "say('派出去了,等对方签收')"),
    (rules.punctuation, "ui/templates/ui/a.html", "<p>手机号应为 11 位,请检查</p>"),
    (rules.punctuation, "ui/templates/ui/a.html", "<p>共38个村</p>"),
    (rules.punctuation, "ui/static/yj/ui/saved.js", "const words = `共${count}件,都传上了`;"),
    (rules.punctuation, "ui/templates/ui/a.html", '<input placeholder="路名(可不填)">'),
    (rules.residents_are_spoken_to, "ui/templates/ui/a.html", "<p>你的事收到了</p>"),
]


@pytest.mark.parametrize(("rule", "path", "text"), FAULTS, ids=lambda value: getattr(value, "__name__", None))
def test_a_seeded_fault_is_noticed(rule, path, text):
    assert list(rule([Source(path, text)])) != []


FINE = [
    (
        "portal/static/yj/portal/board.css",
        ".a { min-height: 100vh; min-height: 100dvh; }\n@media (min-width: 40rem) { .a { gap: 1rem; } }",
    ),
    (
        "portal/static/yj/portal/board.css",
        "/* without :has() */ .a:focus-visible, .b:focus-visible { box-shadow: inset 0 0 0 1px red; }",
    ),
    (
        "portal/static/yj/portal/board.js",
        "// structuredClone is too new\nlist.replaceChildren(); const url = 'https://a/b';",
    ),
    ("ui/static/yj/ui/a.js", "if (self.crypto.randomUUID) return crypto.randomUUID();"),
    ("cases/views/desk.py", "say('派给综合执法中队了，剩 38 分（11月23日 09:42）')"),
    ("ui/templates/ui/a.html", "<p>第1网格 {{ count }} 件，您可以打 <a href='tel:110'>110</a>。</p>{# 操作成功 #}"),
    ("cases/tests/test_words.py", "FORBIDDEN = '工单'"),
]


@pytest.mark.parametrize(("path", "text"), FINE)
def test_what_is_right_passes(path, text):
    assert [line for rule in RULES for line in rule([Source(path, text)])] == []


def test_every_picture_of_the_documents_is_there_and_used():
    docs = Path(__file__).resolve().parents[1]
    pages = [*docs.glob("README*.md"), *(docs / "docs").rglob("*.md")]
    used = {name for page in pages for name in re.findall(r"images/([\w-]+\.png)", page.read_text())}
    there = {path.name: path.stat().st_size for path in (docs / "docs" / "images").glob("*.png")}
    assert sorted(used - set(there)) == []
    assert sorted(set(there) - used) == []
    assert sum(there.values()) < 6_000_000

"""What the face must keep, as functions from sources to problems: the oldest browsers that are promised, and how people are spoken to.

Browser floor: pages of the desk and of the field run on Chromium 92 and Safari 15, pages of residents from Chromium 80. What both
lack, or what only a newer one has, is named here with the version that brought it.
"""

import ast
import re
from collections.abc import Iterable, Iterator

from tests.house_rules import Source

RESIDENT_CSS = ("tokens.css", "base.css", "kit.css", "field.css", "print.css")
RESIDENT_JS = "ui/static/yj/ui/"  # every page loads these through start.js
_COMMENT_CSS = re.compile(r"/\*.*?\*/", re.S)
_COMMENT_JS = re.compile(r"/\*.*?\*/|(?<![:\"'`\\])//[^\n]*", re.S)

# newer than Chromium 92 or Safari 15
CSS = (
    (r":has\(", ":has() (Chromium 105)"),
    (r"@container\b", "@container (Chromium 105)"),
    (r"@layer\b", "@layer (Chromium 99)"),
    (r"@scope\b", "@scope (Chromium 118)"),
    (r"@starting-style\b", "@starting-style (Chromium 117)"),
    (r"\bcolor-mix\(", "color-mix() (Chromium 111)"),
    (r"\blight-dark\(", "light-dark() (Chromium 123)"),
    (r"\boklch\(|\boklab\(|\blch\(", "a new colour space (Chromium 111)"),
    (r"\bsubgrid\b", "subgrid (Chromium 117)"),
    (r"@media[^{]*\([^)]*[<>]=?", "a range in a media query (Chromium 104)"),
    (r"(?:^|[;{\s])(?:translate|rotate|scale)\s*:", "a transform of its own (Chromium 104)"),
    (r":user-(?:in)?valid\b", ":user-invalid (Chromium 119)"),
    (r"\b\d+(?:\.\d+)?r?lh\b", "the unit lh (Chromium 109)"),
    (r"\bfield-sizing\b|\binterpolate-size\b|\banchor-name\b", "a property newer than Chromium 120"),
)
# newer than Chromium 80, and what stands there would be lost without it
CSS_OF_RESIDENTS = (
    (r":is\(|:where\(", ":is() (Chromium 88)"),
    (r":not\([^()]*,", "a list in :not() (Chromium 88)"),
    (r"(?:^|[;{\s])inset(?:-[a-z]+)*\s*:", "inset (Chromium 87)"),
    (r"(?:margin|padding)-(?:inline|block)\s*:", "a logical shorthand (Chromium 87)"),
    (r"\baspect-ratio\s*:", "aspect-ratio (Chromium 88)"),
)
JS = (
    (r"\bstructuredClone\b", "structuredClone (Chromium 98)"),
    (r"\.at\(", "at() (Chromium 92, Safari 15.4)"),
    (r"\bObject\.(?:hasOwn|groupBy)\b", "Object.hasOwn, groupBy (Chromium 93, 117)"),
    (r"\.(?:findLast|findLastIndex)\(", "findLast() (Chromium 97)"),
    (r"\.(?:toSorted|toReversed|toSpliced)\(", "toSorted() (Chromium 110)"),
    (r"\bPromise\.withResolvers\b|\bArray\.fromAsync\b", "Promise.withResolvers (Chromium 119)"),
    (r"\bAbortSignal\.(?:timeout|any)\b", "AbortSignal.timeout (Chromium 103)"),
    (r"\(\?<[=!]", "a look-behind in a regular expression (Safari 16.4)"),
    (r"\bstatic\s*\{", "a static block (Chromium 94)"),
    (r"(?m)^await\b", "await outside a function (Safari 15 in modules, not in workers)"),
    (r"\.(?:showPopover|togglePopover|hidePopover)\(|\bpopover\b", "popover (Chromium 114)"),
    (r"\.checkVisibility\(|\.setHTML\(|\.moveBefore\(", "a method newer than Chromium 105"),
    (r"\brequestIdleCallback\b", "requestIdleCallback (no Safari)"),
    (r"\bimport\s*\([^)]*\)|\bimport\.meta\.resolve\b", "import() (the static storage rewrites plain imports only)"),
)
JS_OF_RESIDENTS = (
    (r"\?\?=|\|\|=|&&=", "logical assignment (Chromium 85)"),
    (r"\.replaceAll\(", "replaceAll() (Chromium 85)"),
    (r"\.replaceChildren\(", "replaceChildren() (Chromium 86)"),
    (r"\bPromise\.any\b", "Promise.any (Chromium 85)"),
    (r"\bWeakRef\b", "WeakRef (Chromium 84)"),
    (r"#[a-z]\w*\s*\(", "a private method (Chromium 84)"),
)
# not in every browser of the floor: used only where their absence was thought of, in the same file
GUARDED = (
    (r"\bcrypto\.randomUUID\(", r"if \([^)]*crypto\.randomUUID\)", "crypto.randomUUID (Chromium 92, HTTPS only)"),
    (r"\bnavigator\.locks\.", r"!self\.navigator\.locks|navigator\.locks\)", "navigator.locks (Safari 15.4)"),
    (r"\bnew BroadcastChannel\(", r"BroadcastChannel \?|if \(self\.BroadcastChannel\)", "BroadcastChannel (Safari 15.4)"),
    (r"\bshowModal\(", r"\.showModal[);]", "showModal() (Safari 15.4)"),
    (r"\brequestSubmit\(", r"requestSubmit \?", "requestSubmit() (Safari 16)"),
    (r"\bnew MediaRecorder\(", r"[!.]MediaRecorder\b(?!\()", "MediaRecorder"),
)  # fmt: skip
_VIEWPORT = re.compile(r"([a-z-]+)\s*:[^;{}]*\d[dsl]v[hwib]\b")


def _blank(text: str, pattern: re.Pattern[str]) -> str:
    """The text with what matches taken out, lines kept."""
    return pattern.sub(lambda match: "\n" * match.group().count("\n"), text)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def styles(sources: Iterable[Source]) -> Iterator[str]:
    """Style sheets ask for nothing that the browsers of the floor lack."""
    for source in sources:
        if not source.path.endswith(".css"):
            continue
        text = _blank(source.text, _COMMENT_CSS)
        is_for_residents = source.path.endswith(RESIDENT_CSS)
        for pattern, what in (*CSS, *(CSS_OF_RESIDENTS if is_for_residents else ())):
            for match in re.finditer(pattern, text, re.M):
                yield f"{source.path}:{_line(text, match.start())} uses {what}"
        yield from _nesting(source.path, text)
        for match in _VIEWPORT.finditer(text):
            rule = text[text.rfind("{", 0, match.start()) : match.start()]
            if not re.search(rf"\b{match.group(1)}\s*:", rule):
                yield f"{source.path}:{_line(text, match.start())} uses dvh (Chromium 108) without a line before it for others"
        for match in re.finditer(r"[^{}]*:focus-visible[^{}]*(?={)", text):
            selectors = match.group().split(",")
            if any("," in match.group() and ":focus-visible" not in one for one in selectors):
                yield f"{source.path}:{_line(text, match.start())} joins :focus-visible (Chromium 86) with others, which are lost"


def _nesting(path: str, text: str) -> Iterator[str]:
    """A rule within a rule (Chromium 112)."""
    stack: list[str] = []
    start = 0
    for match in re.finditer(r"[{};]", text):
        if match.group() == "{":
            head = text[start : match.start()].strip()
            if stack and not stack[-1].startswith("@"):
                yield f"{path}:{_line(text, match.start())} nests {head} (Chromium 112)"
            stack.append(head)
        elif match.group() == "}" and stack:
            stack.pop()
        start = match.end()


def scripts(sources: Iterable[Source]) -> Iterator[str]:
    """Scripts call nothing that the browsers of the floor lack."""
    for source in sources:
        if not source.path.endswith(".js"):
            continue
        text = _blank(source.text, _COMMENT_JS)
        is_for_residents = source.path.startswith(RESIDENT_JS) or source.path.endswith(("follow.js", "worker.js"))
        for pattern, what in (*JS, *(JS_OF_RESIDENTS if is_for_residents else ())):
            for match in re.finditer(pattern, text):
                yield f"{source.path}:{_line(text, match.start())} uses {what}"
        for pattern, guard, what in GUARDED:
            match = re.search(pattern, text)
            if match and not re.search(guard, text):
                yield f"{source.path}:{_line(text, match.start())} uses {what} and never asks whether it is there"


# ---- words ----

CHINESE = "\u4e00-\u9fff"
# said by those who run systems, never to those who live with them
INTERNAL = ("工单", "流转", "闭环", "坐席", "统计考核", "坐诊", "人员在岗", "存草稿", "赋能", "抓手", "台帐", "登陆")
_BARE = re.compile(r"^\s*(?:操作|提交|保存|修改|删除|发送|上传|更新|设置|处理)(?:成功|失败)[。！!]?\s*$")
_HALF = re.compile(
    rf"[{CHINESE}][,;!?:]|[,;!?][{CHINESE}]|[{CHINESE}]\((?![?*+|:\[])|[{CHINESE}]\.(?:\s|$)|[{CHINESE}]\.{{3}}"
)
_CLOSE = re.compile(rf"[{CHINESE}][0-9A-Za-z]|[0-9A-Za-z%][{CHINESE}]")
# names and dates are written without a space: 第1网格, 11月23日, 18号, 2026年
_JOINED = re.compile(
    rf"第\d+[{CHINESE}]|[表图]\d+|\d+[年月日号村组时]|[年月]\d+|[nj][月日]|月j|[AP]M|[a-z]\.[{CHINESE}]|%[a-z][{CHINESE}]|[{CHINESE}]%[a-z]"
)
_TAG = re.compile(r"{#.*?#}|{%\s*comment.*?endcomment\s*%}|<!--.*?-->", re.S)
_MARKUP = re.compile(r"{%.*?%}|{{.*?}}|<[^>]*>", re.S)
_SAID_IN_TAGS = re.compile(
    rf"(?:\"([^\"<>{{}}\n]*[{CHINESE}][^\"<>{{}}\n]*)\"|'([^'<>{{}}\n]*[{CHINESE}][^'<>{{}}\n]*)')"
)


def _docstrings(tree: ast.AST) -> set[int]:
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, kinds) and node.body]
    return {id(body[0].value) for body in bodies if isinstance(body[0], ast.Expr)}


def said(source: Source) -> Iterator[tuple[int, str]]:
    """Line and text of everything that a person may read: strings of Python and scripts, texts and attributes of templates."""
    if source.is_test or source.is_migration or source.parts[0] == "demo":  # what villagers said stands as they said it
        return
    if source.is_python:
        skip = _docstrings(source.tree)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skip:
                yield node.lineno, node.value
    elif source.path.endswith(".html"):
        text = _blank(source.text, _TAG)
        for match in _SAID_IN_TAGS.finditer(text):
            yield _line(text, match.start()), match.group(1) or match.group(2)
        plain = _MARKUP.sub(lambda match: "\x00" + "\n" * match.group().count("\n"), text)
        for match in re.finditer(rf"[^\x00]*[{CHINESE}][^\x00]*", plain):
            yield _line(plain, match.start()), match.group()
    elif source.path.endswith(".js"):
        text = _blank(source.text, _COMMENT_JS)
        for match in re.finditer(r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`]*)`", text):
            yield _line(text, match.start()), next((part for part in match.groups() if part), "")


def internal_terms(sources: Iterable[Source]) -> Iterator[str]:
    """Nobody is spoken to in the words of those who run systems."""
    for source in sources:
        for line, text in said(source):
            for word in INTERNAL:
                if word == "工单" and source.parts[0] == "connectors":
                    continue  # what the hotline itself calls what it sends, on pages of staff
                if word in text:
                    yield f"{source.path}:{line} says {word}: {text.strip()[:40]}"


def bare_success(sources: Iterable[Source]) -> Iterator[str]:
    """What happened and what comes next is said, never 操作成功 alone."""
    for source in sources:
        for line, text in said(source):
            if _BARE.match(text):
                yield f"{source.path}:{line} says only {text.strip()}"


def punctuation(sources: Iterable[Source]) -> Iterator[str]:
    """Chinese text has full-width punctuation, and a space between Chinese and digits or Latin letters."""
    for source in sources:
        for line, text in said(source):
            if "\\" in text or "http" in text:
                continue  # a regular expression or an address
            for match in _HALF.finditer(text):
                yield f"{source.path}:{line} has half-width punctuation: {text[max(0, match.start() - 6) : match.end() + 6]!r}"
            if source.path.endswith(".js"):
                text = re.sub(r"\$\{[^}]*\}", "", text)
            rest = _JOINED.sub("", text)
            for match in _CLOSE.finditer(rest):
                yield f"{source.path}:{line} lacks a space: {rest[max(0, match.start() - 6) : match.end() + 6]!r}"


def residents_are_spoken_to(sources: Iterable[Source]) -> Iterator[str]:
    """Everybody is 您."""
    for source in sources:
        for line, text in said(source):
            if "你" in text:
                yield f"{source.path}:{line} says 你: {text.strip()[:40]}"


RULES = (styles, scripts, internal_terms, bare_success, punctuation, residents_are_spoken_to)

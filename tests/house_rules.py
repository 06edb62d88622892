"""The rules of the house that an import contract cannot express, each a function from sources to problems.

A rule reads text only (no Django), so that a fault can be seeded as a few lines of source.
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

PACKAGE = "yijiaan"
BELOW_APPS = ("core", "ui", "engines")
# what one app may import of another (access: the guards of its entrances); engines also offer registries
OFFERED = ("models", "queries", "actions", "permissions", "providers", "access")
OFFERED_BY_ENGINES = (*OFFERED, "subscribers", "pumps", "app", "queue", "reading")
ENTRANCES = ("views", "api", "exports", "filters")
FORBIDDEN_NAMES = ("utils", "util", "helpers", "helper", "manager", "managers", "common", "misc", "tools")
FORBIDDEN_WORDS = ("打卡", "签到", "在线时长", "排名", "积分", "重点人员")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Source:
    """A file of the package; path is relative to it: `cases/actions/intake.py`."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text)

    @property
    def parts(self) -> tuple[str, ...]:
        """Folders and the name without its ending."""
        return PurePosixPath(self.path).with_suffix("").parts

    @property
    def owner(self) -> str:
        """The app, `engines.journal` for an engine."""
        return ".".join(self.parts[:2]) if self.parts[0] == "engines" and len(self.parts) > 2 else self.parts[0]

    @property
    def role(self) -> str:
        """models, actions, views …: the file, or the folder of that name, inside its app."""
        depth = self.owner.count(".") + 1
        return self.parts[depth] if len(self.parts) > depth else ""

    @property
    def is_python(self) -> bool:
        """Python source."""
        return self.path.endswith(".py")

    @property
    def is_test(self) -> bool:
        """Part of a test suite."""
        return "tests" in self.parts or self.parts[-1] in ("testing", "conftest")

    @property
    def is_migration(self) -> bool:
        """A migration."""
        return "migrations" in self.parts

    def at(self, node: ast.AST) -> str:
        """Path and line, for messages."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


Rule = Callable[[Iterable[Source]], Iterator[str]]


def _imports(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """Every module that a source imports, with names of `from … import` appended."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


def _dotted(node: ast.AST) -> str:
    """a.b.c of an attribute chain; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = _dotted(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return ""


def _docstrings(tree: ast.AST) -> set[int]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.add(id(first.value))
    return found


def _strings(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """Texts that are not docstrings."""
    skip = _docstrings(source.tree)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skip:
            yield node, node.value


def imports_of_other_apps(sources: Iterable[Source]) -> Iterator[str]:
    """From another app only what it offers; never its views, forms, schemas, jobs or templates."""
    for source in sources:
        if not source.is_python or source.is_test or source.is_migration or source.owner in ("project", ""):
            continue
        for node, name in _imports(source):
            parts = name.split(".")
            if parts[0] != PACKAGE or len(parts) < 3 or parts[1] in ("core", "ui", "project"):
                continue
            is_engine = parts[1] == "engines"
            owner, inside = (".".join(parts[1:3]), parts[3:]) if is_engine else (parts[1], parts[2:])
            if owner == source.owner or not inside:
                continue
            offered = OFFERED_BY_ENGINES if is_engine else OFFERED
            if owner == "engines.flow" or (owner == "engines.worktime" and len(inside) == 1):
                continue  # machines without tables: their package itself is what they offer
            if inside[0] not in offered:
                yield f"{source.at(node)} imports {name}: of another app only {', '.join(offered)}"
            elif inside[0] in ("actions", "queries") and len(inside) > 2:
                yield f"{source.at(node)} imports {name}: take it from {owner}.{inside[0]}"


def names_of_files(sources: Iterable[Source]) -> Iterator[str]:
    """No file or folder is called after nothing in particular."""
    for source in sources:
        for part in source.parts:
            if part in FORBIDDEN_NAMES:
                yield f"{source.path}: name it after what is in it, not {part}"
        if source.is_migration and re.search(r"(^|_)auto_", source.parts[-1]):
            yield f"{source.path}: name a migration for what it does"


def _deeds(sources: Iterable[Source], role: str) -> Iterator[tuple[Source, ast.FunctionDef]]:
    """Public functions of actions.py (or queries.py); of a folder those that its __init__ gives out."""
    mine = [source for source in sources if source.is_python and source.role == role and not source.is_test]
    given: dict[str, set[str]] = {}
    for source in mine:
        if source.parts[-1] == "__init__":
            given[source.owner] = {name.rsplit(".", 1)[1] for _, name in _imports(source)}
    for source in mine:
        for node in source.tree.body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            if source.owner not in given or node.name in given[source.owner]:
                yield source, node


def _lacks(node: ast.FunctionDef) -> Iterator[str]:
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    bare = [one.arg for one in every if one.annotation is None]
    if bare:
        yield f"has no annotation for {', '.join(bare)}"
    if node.returns is None:
        yield "has no annotation of what it returns"
    if not ast.get_docstring(node):
        yield "has no docstring"


def signatures_of_actions(sources: Iterable[Source]) -> Iterator[str]:
    """An action takes keywords only, the actor first, all annotated, and says what it does."""
    for source, node in _deeds(sources, "actions"):
        where = f"{source.at(node)} action {node.name}"
        if node.args.posonlyargs or node.args.args:
            yield f"{where} takes positional arguments"
        keywords = [one.arg for one in node.args.kwonlyargs]
        if keywords[:1] != ["actor"]:
            yield f"{where} does not take the actor first"
        yield from (f"{where} {lack}" for lack in _lacks(node))


def signatures_of_queries(sources: Iterable[Source]) -> Iterator[str]:
    """A query takes the viewer first, all annotated, and says what it gives."""
    for source, node in _deeds(sources, "queries"):
        where = f"{source.at(node)} query {node.name}"
        names = [one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        makes_the_actor = node.returns is not None and re.search(r"\bActor\b", ast.unparse(node.returns))
        if names[:1] not in (["actor"], ["viewer"]) and not makes_the_actor:
            yield f"{where} does not take the actor first"
        yield from (f"{where} {lack}" for lack in _lacks(node))


def scope_of_entrances(sources: Iterable[Source]) -> Iterator[str]:
    """Views, endpoints, filters and exports reach rows through visible_to, and start no transaction."""
    for source in sources:
        if not source.is_python or source.is_test or source.role.rsplit("_", 1)[-1] not in ENTRANCES:
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute):
                if isinstance(node.value, ast.Attribute) and node.value.attr in ("objects", "_base_manager"):
                    if node.attr not in ("visible_to", "get_visible"):
                        yield f"{source.at(node)} uses .objects.{node.attr}: only visible_to(actor) here"
                elif _dotted(node) == "transaction.atomic":
                    yield f"{source.at(node)} starts a transaction: that is the action's"


def use_of_the_clock(sources: Iterable[Source]) -> Iterator[str]:
    """Time comes from core.clock; the database is never asked for it."""
    calls = {"timezone.now", "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"}
    calls |= {f"datetime.{name}" for name in calls} | {"django.utils.timezone.now"}
    in_sql = re.compile(
        r"\b(?:now\s*\(\s*\)|current_timestamp\b|current_date\b|localtimestamp\b|clock_timestamp\s*\()", re.I
    )
    for source in sources:
        if source.parts[0] == "core":
            continue
        if source.path.endswith(".sql") and in_sql.search(source.text):
            yield f"{source.path} asks the database for the time"
        if not source.is_python:
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and _dotted(node.func) in calls:
                yield f"{source.at(node)} calls {_dotted(node.func)}: use core.clock"
            elif isinstance(node, ast.keyword) and node.arg in ("auto_now", "auto_now_add"):
                yield f"{source.at(node.value)} uses {node.arg}: the action sets the time"
        for node, name in _imports(source):
            if name == "django.db.models.functions.Now":
                yield f"{source.at(node)} imports Now: the time is a value from core.clock"
        if not source.is_test:
            for node, text in _strings(source):
                if in_sql.search(text):
                    yield f"{source.at(node)} asks the database for the time"


def signals(sources: Iterable[Source]) -> Iterator[str]:
    """News travels through the journal, not through Django signals."""
    for source in sources:
        if source.is_python and not source.is_test:
            for node, name in _imports(source):
                if name.startswith("django.dispatch") or re.match(r"django\.[\w.]*\bsignals\b", name):
                    yield f"{source.at(node)} imports {name}: no signals, use the journal or a provider"


def imports_inside_functions(sources: Iterable[Source]) -> Iterator[str]:
    """Imports stand at the top; only an app's ready() has to wait for the registry."""
    for source in sources:
        if not source.is_python or source.is_test:
            continue
        for function in ast.walk(source.tree):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if function.name == "ready" and source.parts[-1] == "apps":
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield f"{source.at(node)} imports inside {function.name}"


def models_as_written(sources: Iterable[Source]) -> Iterator[str]:
    """No Meta.ordering: order is asked for where rows are read."""
    for source in sources:
        if not source.is_python or source.is_test or source.is_migration:
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef) and node.name == "Meta":
                for line in node.body:
                    targets = line.targets if isinstance(line, ast.Assign) else []
                    if any(isinstance(target, ast.Name) and target.id == "ordering" for target in targets):
                        yield f"{source.at(line)} sets Meta.ordering"


_IN_TAGS = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}|<!--.*?-->", re.S)
_MARKUP = (
    (re.compile(r"<style\b", re.I), "a <style>"),
    (re.compile(r"<script\b(?![^>]*\bsrc\s*=)(?![^>]*type\s*=\s*[\"']application/json)", re.I), "an inline <script>"),
    (re.compile(r"<[a-z][^<>]*\sstyle\s*=", re.I), "a style= attribute"),
    (re.compile(r"<[a-z][^<>]*\son[a-z]+\s*=", re.I), "an on…= attribute"),
    (re.compile(r"\bhx-on\b", re.I), "hx-on"),
    (re.compile(r"\bhx-(?:vals|headers)\s*=\s*[\"']\s*js:", re.I), "js: in an htmx attribute"),
    (re.compile(r"(?:href|src|action)\s*=\s*[\"']\s*javascript:", re.I), "a javascript: address"),
)


def markup(sources: Iterable[Source]) -> Iterator[str]:
    """No inline script or style: the content security policy forbids both."""
    for source in sources:
        if source.path.endswith(".html"):
            texts = [(1, _IN_TAGS.sub(lambda match: "\n" * match.group().count("\n"), source.text))]
        elif source.is_python and not source.is_test:
            texts = [(getattr(node, "lineno", 1), text) for node, text in _strings(source)]
        else:
            continue
        for line, text in texts:
            for pattern, what in _MARKUP:
                for match in pattern.finditer(text):
                    yield f"{source.path}:{line + text.count(chr(10), 0, match.start())} has {what}"


def templates_of_other_apps(sources: Iterable[Source]) -> Iterator[str]:
    """A template builds on ui and its own app's partials."""
    used = re.compile(r"{%\s*(?:include|extends|partialdef_from)\s+[\"']([^\"'#]+)")
    for source in sources:
        if not source.path.endswith(".html"):
            continue
        for match in used.finditer(source.text):
            first = match.group(1).split("/")[0]
            if "/" in match.group(1) and first not in ("ui", source.parts[-2], *source.parts):
                line = source.text.count("\n", 0, match.start()) + 1
                yield f"{source.path}:{line} uses {match.group(1)} of another app"


def words(sources: Iterable[Source]) -> Iterator[str]:
    """Words that stand for what the burden law forbids are never shown."""
    for source in sources:
        if source.is_test:
            continue
        if source.is_python:
            texts = [(getattr(node, "lineno", 1), text) for node, text in _strings(source)]
        elif source.path.endswith((".html", ".js", ".css", ".txt", ".csv", ".json")):
            texts = [(1, source.text)]
        else:
            continue
        for line, text in texts:
            for word in FORBIDDEN_WORDS:
                if word in text:
                    yield f"{source.path}:{line + text.count(chr(10), 0, text.index(word))} says {word}"


RULES: tuple[Rule, ...] = (
    imports_of_other_apps,
    names_of_files,
    signatures_of_actions,
    signatures_of_queries,
    scope_of_entrances,
    use_of_the_clock,
    signals,
    imports_inside_functions,
    models_as_written,
    markup,
    templates_of_other_apps,
    words,
)

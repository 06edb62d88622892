"""States, moves, and what follows from the table of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor

START = ""  # as a source: the move makes the record
SYSTEM = "system"  # as a permission: nobody holds it, so only the system moves

Group = Literal["open", "done", "refused"]
GROUPS: tuple[Group, ...] = ("open", "done", "refused")


@dataclass(frozen=True, slots=True)
class State:
    """value is stored, label is shown; the groups are fixed. Only an ended state may lack a way out."""

    value: str
    label: str
    group: Group = "open"


@dataclass(frozen=True, slots=True)
class Move:
    """A deed that may change the state.

    sources: from where; empty or START: it makes the record. target: to where; several: the action chooses one;
    None: the state stays. permission: who may; "" leaves it to the action. needs: inputs that must not be empty.
    who: one line for the drawing and the handbook.
    """

    name: str
    label: str
    sources: tuple[str, ...]
    target: str | tuple[str, ...] | None
    permission: str
    needs: tuple[str, ...] = ()
    who: str = ""

    @property
    def targets(self) -> tuple[str, ...]:
        """All states it may lead to; none when the state stays."""
        if self.target is None:
            return ()
        return (self.target,) if isinstance(self.target, str) else self.target

    def starts_from(self, state: str) -> bool:
        """Whether it can be made in this state."""
        return state in self.sources or (state == START and not self.sources)


@dataclass(frozen=True, slots=True)
class Change:
    """What a move did, for the journal."""

    move: Move
    old: str
    new: str


@dataclass(frozen=True)
class Flow:
    """The table. A table that contradicts itself does not import.

    noun: what the record is called in messages. column: the attribute that holds the state.
    """

    name: str
    states: tuple[State, ...]
    moves: tuple[Move, ...]
    initial: str | tuple[str, ...] = ()
    noun: str = "事项"
    column: str = "status"
    _states: dict[str, State] = field(init=False, repr=False, compare=False)
    _moves: dict[str, Move] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_states", {state.value: state for state in self.states})
        object.__setattr__(self, "_moves", {move.name: move for move in self.moves})
        problems = self.problems()
        if problems:
            raise ValueError(f"flow {self.name}: " + "; ".join(problems))

    def state(self, value: str) -> State:
        """The state with this value."""
        return self._states[value]

    def named(self, name: str) -> Move:
        """The move with this name."""
        return self._moves[name]

    def choices(self) -> list[tuple[str, str]]:
        """For the model field."""
        return [(state.value, state.label) for state in self.states]

    @property
    def first_states(self) -> tuple[str, ...]:
        """Where a record may begin."""
        if self.initial:
            return (self.initial,) if isinstance(self.initial, str) else self.initial
        return tuple(dict.fromkeys(target for move in self.moves if move.starts_from(START) for target in move.targets))

    def values_in(self, *groups: Group) -> tuple[str, ...]:
        """The values of all states in these groups, for querysets: `status__in=FLOW.values_in("open")`."""
        return tuple(state.value for state in self.states if state.group in groups)

    def is_open(self, value: str) -> bool:
        """Whether somebody still has to act."""
        return self.state(value).group == "open"

    def is_final(self, value: str) -> bool:
        """Whether nothing leads out of this state."""
        return not any(value in move.sources and set(move.targets) - {value} for move in self.moves)

    def possible(self, actor: Actor, state: str) -> tuple[Move, ...]:
        """The moves this actor's permissions allow in this state, in the order of the table."""
        return tuple(move for move in self.moves if move.starts_from(state) and _may(actor, move))

    def check(self, actor: Actor, name: str, state: str) -> Move:
        """The move, or NotAllowed, or RuleError `wrong_state`."""
        move = self.named(name)
        if move.permission:
            actor.require(move.permission)
        if not move.starts_from(state):
            label = self.state(state).label if state else "新建"
            raise RuleError(
                "wrong_state", f"这件{self.noun}现在是“{label}”，不能“{move.label}”。请刷新页面看看最新情况。"
            )
        return move

    def move(self, subject: Any, name: str, actor: Actor, *, to: str | None = None, **given: Any) -> Change:
        """Check the move and set the subject's new state; the action saves. given: the inputs the move needs.

        A new subject holds START in its state column, or is None: then only the change is returned.
        """
        old = START if subject is None else getattr(subject, self.column)
        move = self.check(actor, name, old)
        for need in move.needs:
            if given.get(need) in (None, "", [], ()):
                raise RuleError("required", f"“{move.label}”还缺一项必填内容，请补充后再提交。", need)
        new = self._target(move, old, to)
        if subject is not None:
            setattr(subject, self.column, new)
        return Change(move, old, new)

    def attempts(self) -> Iterator[tuple[Move, str, bool]]:
        """Every move in every state and whether the table allows it, for the test of an app's flow."""
        for move in self.moves:
            for state in self.states:
                yield move, state.value, move.starts_from(state.value)

    def mermaid(self) -> str:
        """The drawing, as a Mermaid state diagram."""
        lines = ["stateDiagram-v2"]
        lines += [f"    {state.value}: {state.label}" for state in self.states]
        drawn = {target for move in self.moves if move.starts_from(START) for target in move.targets}
        lines += [f"    [*] --> {first}" for first in self.first_states if first not in drawn]
        for move in self.moves:
            for source in move.sources or (START,):
                for target in move.targets or (source,):
                    lines.append(f"    {source or '[*]'} --> {target}: {move.label}")
        lines += [f"    {state.value} --> [*]" for state in self.states if self.is_final(state.value)]
        return "\n".join(lines) + "\n"

    def problems(self) -> list[str]:
        """Contradictions in the table: names, reachability, dead ends."""
        found = []
        for kind, names in (("state", [s.value for s in self.states]), ("move", [m.name for m in self.moves])):
            found += [f"{kind} {name} stands there twice" for name in dict.fromkeys(names) if names.count(name) > 1]
        found += [f"state {s.value} has no group {s.group}" for s in self.states if s.group not in GROUPS]
        for move in self.moves:
            named = {source for source in move.sources if source != START} | set(move.targets)
            found += [f"move {move.name} names no state {value}" for value in sorted(named - set(self._states))]
            if move.starts_from(START) and not move.targets:
                found.append(f"move {move.name} makes the record but leads nowhere")
        found += [f"no state {value} to begin with" for value in self.first_states if value not in self._states]
        reached = self._reached()
        for state in self.states:
            if state.value not in reached:
                found.append(f"state {state.value} cannot be reached")
            if state.group == "open" and self.is_final(state.value):
                found.append(f"state {state.value} is open but cannot be left")
        return found

    def _reached(self) -> set[str]:
        reached, grown = set(self.first_states), True
        while grown:
            before = len(reached)
            for move in self.moves:
                if reached.intersection(move.sources):
                    reached.update(move.targets)
            grown = len(reached) > before
        return reached

    def _target(self, move: Move, old: str, to: str | None) -> str:
        if not move.targets and to in (None, old):
            return old
        if to is None and len(move.targets) == 1:
            return move.targets[0]
        if to is None or to not in move.targets:
            raise ValueError(f"move {move.name} leads to {move.targets}, not to {to!r}")
        return to


def _may(actor: Actor, move: Move) -> bool:
    return not move.permission or actor.may(move.permission)

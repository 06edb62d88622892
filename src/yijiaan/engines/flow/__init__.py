"""A state machine as a table of moves.

An app's `flows.py` writes its `Flow` once: states and moves. From that table come the check inside an action
(`flow.move`), the buttons of a page and the moves of the API (`flow.possible`), the choices of the model field, the
drawing in the docs (`flow.mermaid`) and the attempts of the test (`flow.attempts`). No tables of its own.
"""

from yijiaan.engines.flow.machine import START, SYSTEM, Change, Flow, Move, State

__all__ = ["START", "SYSTEM", "Change", "Flow", "Move", "State"]

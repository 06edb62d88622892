"""One line of the table, and where the load comes from."""

from dataclasses import dataclass

DOOR = "370812102"


@dataclass(frozen=True)
class Result:
    """rate: units a second; cpu: milliseconds of both cores that one unit took, web and database together, which others at work on
    the machine do not change; ratio: to pgbench; each where there is one. name: what is said besides the operation."""

    name: str
    unit: str
    rate: float
    p50: float
    p95: float
    statements: str
    ratio: float | None = None
    aim: str = ""
    cpu: float | None = None

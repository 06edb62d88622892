from yijiaan.patrols.models.routes import (
    PatrolKind,
    PatrolPlan,
    PatrolPoint,
    PatrolRun,
    PatrolTemplate,
    PointCheck,
    Result,
    RuleKind,
    Sweep,
)
from yijiaan.patrols.models.visits import (
    AGREED,
    Arrangement,
    ArrangementKind,
    PauseReason,
    SampleResult,
    Visit,
    VisitCycle,
    VisitKind,
    VisitSample,
    VisitWay,
)

__all__ = [
    "AGREED", "Arrangement", "ArrangementKind", "PatrolKind", "PatrolPlan", "PatrolPoint", "PatrolRun", "PatrolTemplate",
    "PauseReason", "PointCheck", "Result", "RuleKind", "SampleResult", "Sweep", "Visit", "VisitCycle", "VisitKind", "VisitSample",
    "VisitWay",
]  # fmt: skip

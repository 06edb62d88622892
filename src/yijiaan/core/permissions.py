"""The registry of permission names. Each app's `permissions.py` declares its own; roles are rows made from them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Permission:
    name: str  # app.verb
    label: str  # Chinese
    roles: tuple[str, ...]  # codes of the roles that hold it at first


_declared: dict[str, Permission] = {}


def declare(name: str, label: str, roles: tuple[str, ...] = ()) -> str:
    """Register a permission and return its name, so that modules can keep it as a constant."""
    _declared[name] = Permission(name, label, roles)
    return name


def declared() -> dict[str, Permission]:
    """All permissions by name."""
    return dict(_declared)


def defaults_of(role: str) -> list[str]:
    """The permission names that a role holds when it is first made, sorted."""
    return sorted(p.name for p in _declared.values() if role in p.roles)

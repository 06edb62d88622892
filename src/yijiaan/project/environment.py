"""Typed readers of environment variables: a bad value stops the start with one sentence."""

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    """A string, stripped; the default when unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    """1/true/yes/on or 0/false/no/off."""
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}")


def number(name: str, default: int, least: int = 0, most: int = 2**31) -> int:
    """A whole number within bounds."""
    value = text(name)
    if not value:
        return default
    if not value.isdigit() or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name} must be a whole number from {least} to {most}, not {value!r}")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """A comma-separated list of addresses and networks: 127.0.0.1, 10.0.0.0/8."""
    try:
        return [ip_network(word) for word in words(name)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must list addresses or networks such as 10.0.0.0/8: {error}") from error


def path(name: str, default: Path) -> Path:
    """A folder or file, made absolute."""
    return Path(text(name) or default).expanduser().absolute()


def secret(name: str, file: Path) -> str:
    """A secret from the environment, else from a file that only its owner may read (0600); empty when neither is there."""
    value = text(name)
    if value or not file.is_file():
        return value
    if file.stat().st_mode & 0o077:
        raise ImproperlyConfigured(f"{file} can be read by others; chmod 600 it")
    return file.read_text().strip()


def database(name: str) -> dict[str, object]:
    """postgresql://user:password@host:port/name?host=/socket/folder as Django's settings."""
    url = text(name)
    if not url:
        raise ImproperlyConfigured(f"{name} is not set; ./run and ./yijiaan set it for the embedded PostgreSQL")
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(f"{name} must look like postgresql://user:password@host:5432/name")
    options = dict(parse_qsl(parts.query))
    return {
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or options.pop("user", "")),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(parts.port or options.pop("port", "") or ""),
        "OPTIONS": options,
    }

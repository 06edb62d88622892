"""短信: any HTTP gateway, described by settings. `wire.py` makes a request of one and reads its answers; see docs/connectors.md."""

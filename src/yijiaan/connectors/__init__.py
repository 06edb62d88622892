"""对接: one folder per kind of outside system.

Tables: `Connection` (one outside system with its key), `InboundMessage` (what it sent, and what became of it), `OutboundMessage`
(what we owe it, in the order in which it happened). Deeds: `actions/`. `hotline/` speaks with 12345 and with every mini-program
that keeps its own numbers, by the signed API of docs/connectors.md.
"""

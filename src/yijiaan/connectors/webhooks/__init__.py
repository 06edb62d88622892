"""消息推送: chosen events to an address, signed, without persons and without words; see docs/connectors.md."""

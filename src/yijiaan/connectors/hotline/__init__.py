"""12345 and mini-programs: orders in, results out, both signed. The format stands in docs/connectors.md."""

"""门户: where everybody comes in. The public entry, the landing after sign-in, notices, one's own account.

Holds no tables.
"""

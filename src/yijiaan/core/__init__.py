"""What every floor stands on and no table belongs to.

errors       the four ways to say no            clock        the only source of time
scope        who acts, and over which areas     permissions  the registry of permission names
identifiers  UUIDv7, county tokens, codes       web          the one adapter from errors to answers
sealed       fields for personal values         crypto, keys SM4-GCM, keyed SM3, and the keys for them
county       the base model of big tables       postgresql   the database backend that fits its key
geo          coordinate systems                 checks       phones, identity numbers, credit codes
linting      catalog lint and query lint        testing      the lint on every test, shared checks
logs         JSON lines without personal data
"""

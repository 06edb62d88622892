"""What every floor stands on and no table belongs to.

errors       the four ways to say no            clock        the only source of time
scope        who acts, and over which areas     permissions  the registry of permission names
identifiers  UUIDv7, county tokens, codes       web          the one adapter from errors to answers
crypto       SM4-GCM sealing, SM3 search        geo          coordinate systems and their conversion
checks       Chinese ID, phone, credit code     county       the base model of big tables and its key
linting      catalog lint and query lint        testing      shared checks and test data
"""

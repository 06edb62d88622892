"""Django's PostgreSQL backend with one feature switched off; named in DATABASES as ENGINE."""

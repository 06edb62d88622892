"""Open311 GeoReport v2: whoever speaks it may read what is public, and with a key file and follow a report; see docs/open311.md.

`public.py` says what is public and how it is told, `shapes.py` writes JSON and XML, `reading.py` reads what was asked, `api.py`
is the door, `actions/open311.py` holds the deeds.
"""

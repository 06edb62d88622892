"""Evidence and attachments: sniffed by content, images re-encoded without EXIF, stored once by content hash.

Table: `StoredFile`. Deed: `store_image`. Who may open a file is asked of the subject's app (`providers.py`).
"""

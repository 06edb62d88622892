"""Evidence and attachments: sniffed by content, images re-encoded without EXIF, recordings kept as they came, stored once by content
hash.

Table: `StoredFile`. Deeds: `store_image`, `store_recording`. Who may open a file is asked of the subject's app (`providers.py`).
"""

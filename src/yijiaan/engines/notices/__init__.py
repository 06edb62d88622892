"""One message, many channels; today the channel inside the product. Table: `Notice`. Deeds: `notify`, `mark_read`."""

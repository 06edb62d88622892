"""驿家安: one case base for the appeals of a county, from the grid up. `ls` this folder for the table of contents."""

__version__ = "0.1.0"

"""Pages of the case base: `public` for residents, `desk` and `field` for staff, `moves` for what staff do on a case."""

"""The database: sessions, conditional writes, upserts, compiled statements, encrypted values."""

"""How files go out: storage, signed addresses, ranges, X-Accel."""

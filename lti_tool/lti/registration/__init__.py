"""How an LMS becomes known: dynamic registration, by hand, activation codes, approval."""

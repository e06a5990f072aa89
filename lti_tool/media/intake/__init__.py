"""How files come in: uploads (tus), formats, probing in a child process, captions (WebVTT)."""

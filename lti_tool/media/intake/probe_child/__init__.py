"""Looks into one untrusted file, in a process of its own (a sandbox).

``probe.py`` starts it; it must not load the application, so its files import only one another, and
what decodes. See ``main.py``.
"""

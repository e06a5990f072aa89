"""Journeys in a real browser: the tool and an LMS on two sites, third-party cookies blocked."""

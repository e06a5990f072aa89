"""What is asked of an LMS: access tokens, names and roles (NRPS), grades (AGS)."""

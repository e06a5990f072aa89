"""What every request and page passes: WSGI, CSRF, headers, problems, addresses, languages."""

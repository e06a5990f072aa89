"""The launch: login initiation, checking the signed message, how the browser is recognised."""

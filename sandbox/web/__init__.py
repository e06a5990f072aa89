"""The platform's web pages and endpoints, as Flask blueprints. `sandbox.app` puts them together."""

"""An LMS in a box: an LTI 1.3 platform to try the tool with, by hand and in tests.

It is a program of its own (`python -m sandbox`) and the tool never imports it. Nothing here
protects anybody: whoever opens its pages may be anybody. Run it on your own machine only.
`sandbox.platform` is the platform itself, `sandbox.app` its web program.
"""

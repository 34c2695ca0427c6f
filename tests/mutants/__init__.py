"""Tries whether the tests notice when a rule is changed: `make mutants`.

Cosmic Ray makes the changes. Each is put into a process of its own, never into a file, and the tests that reach it run
there.
"""

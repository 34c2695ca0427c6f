"""Measurements that want a quiet machine; README.md says what each shows and how to read it."""

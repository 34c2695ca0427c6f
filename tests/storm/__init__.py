"""A storm: faults on a seeded schedule, against whole processes that a crowd uses, and a verdict at the end."""

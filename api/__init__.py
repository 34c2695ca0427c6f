"""HTTP: the pages of people and staff, the desk as JSON, callbacks, health, and, in development, the inbox.

Requests write the database. No request of a person or a provider calls Temporal; operators' orders and `/readyz` do.
"""

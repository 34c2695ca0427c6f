"""HTTP: the person's pages, health, and, in development, the inbox. Requests write the database; none calls
Temporal."""

"""What is handed to auditors: entries that nobody can change unseen, their days in a chain, and packs of files."""

"""The API for a host's own programs, under `/v1`: each request brings a key, and each key has scopes."""

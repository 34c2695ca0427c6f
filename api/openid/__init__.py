"""OpenID Connect for hosts: where their pages send people, and where their programs exchange codes for tokens."""

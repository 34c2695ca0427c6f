"""How staff sign in: invitations, passkey ceremonies of their own, and a company's identity provider."""

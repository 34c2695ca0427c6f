"""How staff come in: invitations and passkey ceremonies of their own."""

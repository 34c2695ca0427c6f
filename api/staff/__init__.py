"""The console's doors: sign-in, invitations, members, and the rights that its routes ask for."""

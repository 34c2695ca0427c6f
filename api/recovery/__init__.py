"""Recovery by oneself over HTTP: the proofs, the request and its link, and what a sign-in says of it."""

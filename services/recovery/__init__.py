"""Recovery by oneself: proofs at the door, the request that gathers them, its link, and what a sign-in says of it."""

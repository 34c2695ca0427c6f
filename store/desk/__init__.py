"""What the desk reads: who is stuck and why, who is exempt, whole cases, and the search."""

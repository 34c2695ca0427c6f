"""What keeps thieves out and owners in: limits on guessing, objections, disputes, proof for the end of SMS."""

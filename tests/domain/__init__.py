"""What the rules promise, over all the facts they may be given."""

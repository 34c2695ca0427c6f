"""What the owner of an account does: sign in, verify, bind, prove, and answer the prompt."""

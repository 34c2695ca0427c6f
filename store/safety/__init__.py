"""What protects an account: the owner's objections, and rescue passes."""

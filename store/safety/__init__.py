"""What holds an account back from harm: the owner's objections, and rescue passes."""

"""What protects an account, or opens it again: objections and rescue passes."""

"""What is kept about one person, and how it is forgotten: at once when they are erased, or by its age."""

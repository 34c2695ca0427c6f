"""What can be typed: commands, options and their help. What a command does is imported when it runs."""

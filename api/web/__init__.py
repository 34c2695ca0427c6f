"""What all pages use: visits, templates, cookies, protection, and errors."""

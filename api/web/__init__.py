"""What all pages stand on: requests turned into visits, templates, cookies, protection, errors."""

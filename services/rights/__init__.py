"""What a person may ask of the service about their own data, carried out by staff."""

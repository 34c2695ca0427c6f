"""What a host tells of accounts, in files and requests: read and checked by one rule, stored batch by batch."""

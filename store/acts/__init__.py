"""What support does about one account: each act is checked, done, journalled and audited in one transaction."""

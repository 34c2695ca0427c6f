"""What is written out to be read elsewhere: adoption, and previews of messages."""

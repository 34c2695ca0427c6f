"""Reports for reading outside of Offramp: adoption, and previews of messages."""

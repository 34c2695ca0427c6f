"""What commands do, one file per noun; `offramp.usage` says how they are typed."""

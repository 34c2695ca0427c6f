"""The work of the commands, one file per noun; `offramp.usage` defines their arguments and help."""

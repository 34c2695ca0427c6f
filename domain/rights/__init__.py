"""A person's rights over what is kept about them: what there is, for how long, and what stays when they are erased."""

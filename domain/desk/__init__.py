"""What support may do about one account, and what is in the way of somebody who does not get on."""

"""The sentences that people, staff and operators read: one file per room that they are read in."""

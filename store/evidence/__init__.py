"""The chain over the journal's days, the keys that sign packs of evidence, and what packs are made of."""

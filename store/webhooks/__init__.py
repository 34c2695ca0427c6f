"""Who is told of journal entries, and what is on its way to them. Below `people`, because the journal writes it."""

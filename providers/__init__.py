"""One file per outside system, the only place where its library is imported."""

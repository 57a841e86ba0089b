"""Asks and answers: everything between a person's question and the Answer that is shown."""

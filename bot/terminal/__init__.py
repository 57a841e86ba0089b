"""Asks and shows in a terminal."""

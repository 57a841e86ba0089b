"""Every reader on real files that are changed at random: `python -m tests.fuzz [READER...] --minutes 10`."""

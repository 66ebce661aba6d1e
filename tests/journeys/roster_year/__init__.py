"""A year of the roster: who takes part, what is changed and what goes wrong on which day, and what must be true row by row at the end."""

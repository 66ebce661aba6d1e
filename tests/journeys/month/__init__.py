"""A month of the issue desk: who takes part, what each of them does, what goes wrong, and what must hold at the end of it."""

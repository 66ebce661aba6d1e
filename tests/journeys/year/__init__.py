"""A year of activities, played through on the phones."""

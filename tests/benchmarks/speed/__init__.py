"""How fast the Home is, and how it stands a load: beside python-telegram-bot alone, in one run, against the same stand-in for Telegram."""

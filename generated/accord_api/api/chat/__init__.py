"""The operations on `chat`."""

"""The bytes: a value becomes a payload and comes back equal and of the same type, or is refused."""

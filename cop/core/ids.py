import secrets

# No vowels and no look-alikes: no words by accident, easy to read aloud on the phone.
ALPHABET = "bcdfghjkmnpqrstvwxz23456789"


def random_id() -> str:
    """A public id of 13 signs (about 61 bits): neither a count nor a guess (G6)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(13))

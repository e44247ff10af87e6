"""What a workshop is joined with, and what people are called there: codes, secrets, nicknames."""

import hashlib
import secrets
from collections.abc import Collection
from random import Random

ALPHABET = "ACDEFGHJKMNPQRTVWXY23456789"
"""Letters and digits of codes: of those that look alike at a distance only one is used."""

LENGTH = 6

_MEANT = str.maketrans("BSZU", "852V")
"""What is meant by a letter that no code has."""

_COLORS = (
    *("amber", "black", "blue", "brown", "copper", "coral", "crimson", "golden", "gray", "green"),
    *("indigo", "ivory", "lilac", "olive", "orange", "pink", "purple", "red", "rosy", "ruby"),
    *("sandy", "scarlet", "silver", "teal", "turquoise", "violet", "white", "yellow"),
)
_ANIMALS = (
    *("badger", "beaver", "bison", "camel", "cricket", "deer", "dolphin", "eagle", "falcon"),
    *("finch", "fox", "gecko", "hare", "hawk", "hedgehog", "heron", "ibis", "jaguar", "koala"),
    *("lark", "lemur", "lynx", "marten", "newt", "otter", "owl", "panda", "puffin", "raven"),
    *("robin", "salmon", "seal", "sparrow", "squirrel", "stork", "swan", "tiger", "wren"),
)


def new_code() -> str:
    """A code of `LENGTH` characters that nobody can guess."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def read_code(text: str) -> str | None:
    """The code that somebody typed, in capitals and without spaces; None if it cannot be one."""
    code = "".join(filter(str.isalnum, text[:40])).upper().translate(_MEANT)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def spaced(code: str) -> str:
    """A code as it is easy to read and to type: "ACD 234"."""
    return f"{code[: LENGTH // 2]} {code[LENGTH // 2 :]}"


def new_token() -> str:
    """A secret for the host's link."""
    return secrets.token_urlsafe(24)


def digest(token: str) -> str:
    """What is stored of a secret: it tells the right one, and cannot be turned back."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def nickname(taken: Collection[str], random: Random | None = None) -> str:
    """A name such as "blue heron" that is not `taken`."""
    random = random or secrets.SystemRandom()
    free = {f"{color} {animal}" for color in _COLORS for animal in _ANIMALS} - set(taken)
    if free:
        return random.choice(sorted(free))
    number = len(taken) + 1
    while f"guest {number}" in taken:
        number += 1
    return f"guest {number}"

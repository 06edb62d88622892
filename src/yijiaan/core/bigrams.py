"""Words of Chinese as pairs of characters: what is kept and what is asked for are spelled the same way, so every two find each other."""

import unicodedata


def normal(text: str) -> str:
    """Letters and digits in one width and case, no white space: as words are kept and as they are asked for."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split()).replace("\0", "")


def pairs(words: str) -> set[int]:
    """Each two neighbouring characters as one signed integer of 32 bits."""
    codes = [ord(letter) & 0xFFFF for letter in words]
    return {
        (first << 16 | second) - (1 << 32 if first & 0x8000 else 0)
        for first, second in zip(codes, codes[1:], strict=False)
    }

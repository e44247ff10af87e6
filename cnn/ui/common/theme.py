"""One color for each meaning, on every page, light and dark."""

Color = tuple[int, int, int]

POSITIVE = "#1f77c9"
NEGATIVE = "#e07b1a"
TRAINING = POSITIVE
VALIDATION = NEGATIVE
QUIET = "#8fa3b8"

SIGNED: dict[str, dict[str, list[Color]]] = {
    "light": {
        "positive": [(243, 243, 240), (139, 189, 232), (31, 119, 201), (8, 48, 107)],
        "negative": [(243, 243, 240), (250, 190, 130), (224, 123, 26), (127, 59, 8)],
    },
    "dark": {
        "positive": [(38, 41, 48), (28, 88, 156), (79, 160, 240), (214, 234, 255)],
        "negative": [(38, 41, 48), (156, 80, 18), (242, 150, 64), (255, 228, 200)],
    },
}
"""The diverging scale of signed values from exactly zero outwards: blue positive, orange negative."""

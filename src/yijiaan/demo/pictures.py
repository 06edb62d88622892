"""Photos of the demo, drawn by chance and rule and never taken of anybody: what is told, before and after, as a phone would see it."""

import io
import math
import random
from collections.abc import Callable
from functools import cache

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

WIDTH, HEIGHT = 960, 720
VARIANTS = 3
WORDS = {  # the words by which a text is known to be of a scene
    "lamp": ("路灯",),
    "manhole": ("井盖",),
    "rubbish": ("垃圾",),
    "puddle": ("积水", "淹"),
    "pothole": ("坑", "路面", "塌"),
}
Colour = tuple[int, int, int]
Points = list[tuple[float, float]]


def scene_of(text: str) -> str:
    """The scene that a report tells of; empty when none is drawn for it."""
    if "白天" in text:  # the lamp is drawn at night
        return ""
    return next((scene for scene, words in WORDS.items() if any(word in text for word in words)), "")


@cache
def photo(scene: str, variant: int, *, is_done: bool) -> bytes:
    """A JPEG of a scene, as it was found or as it was left."""
    chance = random.Random(f"{scene} {variant}")  # noqa: S311 - a fixed drawing
    drawn = SCENES[scene](chance, is_done)
    out = io.BytesIO()
    _as_taken(drawn, chance).save(out, "JPEG", quality=80)
    return out.getvalue()


# --- material ---------------------------------------------------------------------------------------------------------


def _noise(size: tuple[int, int], spread: float, scale: int, chance: random.Random) -> Image.Image:
    """Grey around 128, in grains of so many pixels; of our own chance, so that a picture is the same on every machine."""
    width, height = max(2, size[0] // scale), max(2, size[1] // scale)
    grains = chance.randbytes(width * height)
    even = Image.frombytes("L", (width, height), grains).point(lambda v: int(128 + (v - 128) * spread / 74))
    return even.resize(size, Image.Resampling.BICUBIC)


def _stuff(colour: Colour, chance: random.Random, *, spread: float = 16, scale: int = 4) -> Image.Image:
    """Something of one colour with a grain, and broader stains over it."""
    size = (WIDTH, HEIGHT)
    grain = ImageChops.add(_noise(size, spread, scale, chance), _noise(size, spread, 60, chance), scale=2)
    return Image.merge("RGB", [grain.point(lambda v, base=base: max(0, min(255, base + v - 128))) for base in colour])


def _sky(top: Colour, bottom: Colour) -> Image.Image:
    ramp = Image.linear_gradient("L").resize((WIDTH, HEIGHT))
    return Image.composite(Image.new("RGB", (WIDTH, HEIGHT), bottom), Image.new("RGB", (WIDTH, HEIGHT), top), ramp)


def _blob(x: float, y: float, wide: float, high: float, chance: random.Random, corners: int = 26) -> Points:
    turns = (2 * math.pi * corner / corners for corner in range(corners))
    return [
        (x + math.cos(turn) * wide * chance.uniform(0.84, 1.1), y + math.sin(turn) * high * chance.uniform(0.84, 1.1))
        for turn in turns
    ]


def _mask(points: Points, soft: float, grow: int = 0) -> Image.Image:
    mask = Image.new("L", (WIDTH, HEIGHT), 0)
    ImageDraw.Draw(mask).polygon(points, fill=255)
    if grow:
        mask = mask.filter(ImageFilter.BoxBlur(grow)).point(lambda v: min(255, v * 6))
    return mask.filter(ImageFilter.GaussianBlur(soft))


def _as_taken(drawn: Image.Image, chance: random.Random) -> Image.Image:
    """Held a little askew, grainy, not quite sharp."""
    size = drawn.size
    fine = _noise(size, 10, 1, chance)
    drawn = ImageChops.add(drawn, Image.merge("RGB", (fine, fine, fine)), offset=-128)
    drawn = drawn.rotate(chance.uniform(-2.5, 2.5), Image.Resampling.BICUBIC)
    drawn = drawn.crop((30, 30, WIDTH - 30, HEIGHT - 30)).filter(ImageFilter.GaussianBlur(0.8))
    return ImageEnhance.Contrast(drawn).enhance(1.1)


# --- scenes -----------------------------------------------------------------------------------------------------------


def _road(chance: random.Random) -> Image.Image:
    """A village road from above, a verge along it."""
    road = _stuff((128, 126, 121), chance, spread=15, scale=3)
    edge = HEIGHT * chance.uniform(0.12, 0.24)
    verge: Points = [(0, 0), (WIDTH, 0), (WIDTH, edge), (0, edge + HEIGHT * chance.uniform(0.05, 0.12))]
    road.paste(_stuff((104, 110, 70), chance, spread=40, scale=6), (0, 0), _mask(verge, 5))
    return road


def _pothole(chance: random.Random, is_done: bool) -> Image.Image:
    road = _road(chance)
    x, y = WIDTH * chance.uniform(0.42, 0.58), HEIGHT * chance.uniform(0.56, 0.68)
    wide, high = chance.uniform(150, 220), chance.uniform(75, 110)
    if is_done:
        patch: Points = [
            (x - wide * 1.2, y - high * 1.2), (x + wide * 1.15, y - high * 1.25),
            (x + wide * 1.3, y + high * 1.2), (x - wide * 1.3, y + high * 1.25),
        ]  # fmt: skip
        road.paste(_stuff((66, 66, 67), chance, spread=12, scale=3), (0, 0), _mask(patch, 2))
        return road
    hole = _blob(x, y, wide, high, chance)
    road.paste(_stuff((108, 99, 86), chance, spread=38, scale=5), (0, 0), _mask(hole, 8, 10))
    road.paste(_stuff((70, 60, 50), chance, spread=26, scale=7), (0, 0), _mask(hole, 5))
    water = ImageChops.multiply(_mask(_blob(x, y + high * 0.3, wide * 0.6, high * 0.45, chance), 6), _mask(hole, 5))
    road.paste(_sky((152, 160, 166), (98, 104, 108)), (0, 0), water)
    _stones(road, x, y, wide, high, chance)
    return road


def _stones(road: Image.Image, x: float, y: float, wide: float, high: float, chance: random.Random) -> None:
    draw = ImageDraw.Draw(road)
    for _ in range(50):
        left, top, size = x + chance.gauss(0, wide), y + chance.gauss(0, high * 1.1), chance.uniform(2, 9)
        grey = chance.randint(80, 150)
        draw.polygon(
            [
                (left, top),
                (left + size, top - size * 0.4),
                (left + size * 1.3, top + size * 0.5),
                (left + 2, top + size),
            ],
            fill=(grey, grey - 4, grey - 10),
        )


def _puddle(chance: random.Random, is_done: bool) -> Image.Image:
    road = _road(chance)
    x, y = WIDTH * chance.uniform(0.4, 0.6), HEIGHT * chance.uniform(0.58, 0.68)
    shape = _blob(x, y, WIDTH * chance.uniform(0.3, 0.4), HEIGHT * chance.uniform(0.18, 0.26), chance, corners=18)
    damp = ImageEnhance.Brightness(road).enhance(0.78 if is_done else 0.55)
    road.paste(damp, (0, 0), _mask(shape, 14, 0 if is_done else 15))
    if not is_done:
        water = _sky((176, 186, 196), (112, 120, 126))
        shade = ImageDraw.Draw(water)
        for _ in range(3):  # what stands around shows in it
            left = x + chance.uniform(-230, 200)
            shade.rectangle(
                (left, y - 130, left + chance.uniform(14, 60), y + chance.uniform(30, 120)), fill=(96, 102, 104)
            )
        water = water.filter(ImageFilter.GaussianBlur(9))
        road.paste(water, (0, 0), _mask(shape, 4).point(lambda v: v * 215 // 255))
    return road


def _manhole(chance: random.Random, is_done: bool) -> Image.Image:
    road = _road(chance)
    draw = ImageDraw.Draw(road)
    x, y = WIDTH * chance.uniform(0.44, 0.56), HEIGHT * chance.uniform(0.56, 0.64)
    wide, high = 165, 104
    draw.ellipse((x - wide - 16, y - high - 11, x + wide + 16, y + high + 11), fill=(92, 90, 87))
    lid = (x, y) if is_done else (x + chance.choice((-1, 1)) * chance.uniform(95, 140), y + chance.uniform(18, 45))
    if not is_done:
        draw.ellipse((x - wide, y - high, x + wide, y + high), fill=(17, 16, 15))
        draw.pieslice((x - wide, y - high, x + wide, y + high), 200, 340, fill=(52, 48, 44))
        draw.ellipse((x - wide + 14, y - high + 22, x + wide - 14, y + high), fill=(17, 16, 15))
        draw.ellipse((lid[0] - wide + 5, lid[1] - high + 12, lid[0] + wide + 5, lid[1] + high + 12), fill=(46, 44, 42))
    draw.ellipse(
        (lid[0] - wide, lid[1] - high, lid[0] + wide, lid[1] + high), fill=(88, 86, 84), outline=(58, 56, 54), width=5
    )
    for step in range(-5, 6):
        reach = math.sqrt(max(0, 1 - (step / 6) ** 2))
        draw.line(
            [(lid[0] - wide * reach * 0.88, lid[1] + high * step / 6.4), (lid[0] + wide * reach * 0.88, lid[1] + high * step / 6.4)],
            fill=(66, 64, 62),
            width=4,
        )  # fmt: skip
    return road


def _rubbish(chance: random.Random, is_done: bool) -> Image.Image:
    wall = _stuff((178, 160, 142), chance, spread=16, scale=4)
    draw = ImageDraw.Draw(wall)
    foot = int(HEIGHT * 0.58)
    for row, top in enumerate(range(0, foot, 26)):
        draw.line([(0, top), (WIDTH, top)], fill=(150, 133, 117), width=2)
        for left in range(row % 2 * 38, WIDTH, 76):
            draw.line([(left, top), (left, top + 26)], fill=(150, 133, 117), width=2)
    ground = _stuff((140, 126, 106), chance, spread=24, scale=6)
    wall.paste(ground.crop((0, foot, WIDTH, HEIGHT)), (0, foot))
    if is_done:
        bin_left = WIDTH * 0.62
        draw.rectangle((bin_left, HEIGHT * 0.4, bin_left + 120, HEIGHT * 0.72), fill=(46, 104, 74))
        draw.rectangle((bin_left - 8, HEIGHT * 0.375, bin_left + 128, HEIGHT * 0.415), fill=(38, 86, 62))
        return wall.filter(ImageFilter.GaussianBlur(1))
    colours = (
        (214, 214, 208), (40, 40, 44), (156, 44, 48), (66, 102, 156), (196, 176, 124), (232, 232, 226), (124, 90, 62),
        (48, 100, 74), (36, 36, 40), (240, 236, 226),
    )  # fmt: skip
    things = sorted(
        ((chance.gauss(WIDTH * 0.5, WIDTH * 0.15), chance.uniform(0.53, 0.85) * HEIGHT) for _ in range(120)),
        key=lambda at: at[1],
    )
    for x, y in things:
        size, colour = chance.uniform(20, 62), chance.choice(colours)
        outline = _blob(x, y, size * chance.uniform(0.6, 1.2), size * chance.uniform(0.35, 0.6), chance, corners=7)
        draw.polygon([(px + 4, py + 6) for px, py in outline], fill=(80, 70, 58))
        draw.polygon(outline, fill=colour)
        light = tuple(min(255, part + 24) for part in colour)
        draw.polygon([(x + (px - x) * 0.6 - 4, y + (py - y) * 0.6 - 6) for px, py in outline], fill=light)
    return ImageEnhance.Brightness(wall.filter(ImageFilter.GaussianBlur(1.6))).enhance(0.82)


def _lamp(chance: random.Random, is_done: bool) -> Image.Image:
    night = _sky((24, 30, 50), (74, 72, 82))
    draw = ImageDraw.Draw(night)
    foot = int(HEIGHT * 0.62)
    draw.rectangle((0, foot, WIDTH, HEIGHT), fill=(38, 38, 41))
    draw.polygon(
        [(WIDTH * 0.1, HEIGHT), (WIDTH * 0.46, foot), (WIDTH * 0.54, foot), (WIDTH * 1.05, HEIGHT)], fill=(56, 56, 59)
    )
    left = 0.0
    while left < WIDTH:
        wide, high = chance.uniform(90, 170), chance.uniform(70, 140)
        if not WIDTH * 0.4 < left + wide / 2 < WIDTH * 0.6:
            draw.rectangle((left, foot - high, left + wide, foot + 6), fill=(30, 30, 36))
            draw.polygon(
                [(left - 8, foot - high), (left + wide / 2, foot - high - 34), (left + wide + 8, foot - high)],
                fill=(24, 24, 29),
            )
            if chance.random() < 0.45:
                draw.rectangle(
                    (left + wide * 0.4, foot - high * 0.6, left + wide * 0.58, foot - high * 0.35), fill=(214, 172, 98)
                )
        left += wide + chance.uniform(0, 22)
    pole = WIDTH * chance.uniform(0.26, 0.34)
    draw.rectangle((pole, HEIGHT * 0.13, pole + 10, HEIGHT * 0.95), fill=(86, 86, 92))
    draw.line([(pole + 5, HEIGHT * 0.14), (pole + 112, HEIGHT * 0.1)], fill=(86, 86, 92), width=7)
    draw.ellipse((pole + 96, HEIGHT * 0.085, pole + 160, HEIGHT * 0.122), fill=(62, 62, 68))
    lights = [(WIDTH * 0.56, HEIGHT * 0.41, 34, 0.6), (WIDTH * 0.66, HEIGHT * 0.5, 22, 0.45)]
    if is_done:
        lights.append((pole + 128, HEIGHT * 0.11, 120, 1.0))
    glow = Image.new("RGB", (WIDTH, HEIGHT))
    shine = ImageDraw.Draw(glow)
    for x, y, reach, power in lights:
        warm = (int(190 * power), int(150 * power), int(82 * power))
        shine.ellipse((x - reach, y - reach * 0.7, x + reach, y + reach * 0.9), fill=warm)
        if power == 1:
            shine.polygon([(x - 14, y), (x + 14, y), (x + 300, HEIGHT), (x - 190, HEIGHT)], fill=(66, 54, 32))
    night = ImageChops.add(night, glow.filter(ImageFilter.GaussianBlur(24)))
    draw = ImageDraw.Draw(night)
    for x, y, reach, power in lights:
        spot = 5 + 7 * power
        draw.ellipse((x - spot, y - spot * 0.7, x + spot, y + spot * 0.7), fill=(255, 240, 204))
        if reach < 100:  # noqa: PLR2004 - the far ones stand on poles of their own
            draw.rectangle((x - 2, y, x + 2, HEIGHT * 0.66), fill=(76, 76, 82))
    return night.filter(ImageFilter.GaussianBlur(1.6))


SCENES: dict[str, Callable[[random.Random, bool], Image.Image]] = {
    "lamp": _lamp, "manhole": _manhole, "rubbish": _rubbish, "puddle": _puddle, "pothole": _pothole,
}  # fmt: skip

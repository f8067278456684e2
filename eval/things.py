"""Words for what photographs show, and words that belong to pages: what a caption is searched for."""

from __future__ import annotations

import re
from collections.abc import Collection

# A thing and other words for it: classes of COCO that have some, and places that people's captions name often.
_OTHERS = """
person: man, men, woman, women, people, boy, girl, child, children, kid, baby, player, rider, skier, surfer, lady, \
guy, skateboarder, snowboarder, batter, crowd, family, couple, student, officer
bicycle: bike
car: suv, sedan, taxi, cab
motorcycle: motorbike, scooter
airplane: plane, jet, aircraft, airliner
train: locomotive
boat: ship, canoe, kayak, sailboat
traffic light: stoplight
fire hydrant: hydrant
bird: seagull, pigeon, duck, parrot
cat: kitten
dog: puppy, puppies
sheep: lamb
cow: cattle, bull, calf
backpack: rucksack
handbag: purse
tie: necktie
suitcase: luggage
skis: ski, skiing
snowboard: snowboarding
sports ball: ball
baseball bat: bat
baseball glove: glove
skateboard: skateboarding
surfboard: surfing
tennis racket: racket, racquet
wine glass: glass
cup: mug
knife: knives
sandwich: burger
donut: doughnut
chair: armchair
couch: sofa
potted plant: plant
dining table: table
tv: television
laptop: computer
cell phone: phone
oven: stove
refrigerator: fridge
teddy bear: stuffed animal
building: house, tower
street: road
room: bedroom, bathroom, kitchen
water: ocean, sea, lake, river, wave, beach
grass: field
"""
_ALONE = """
bus, truck, stop sign, parking meter, bench, horse, elephant, bear, zebra, giraffe, umbrella, frisbee, kite, bottle, \
fork, spoon, bowl, banana, apple, orange, broccoli, carrot, hot dog, pizza, cake, bed, toilet, mouse, remote, \
keyboard, microwave, toaster, sink, book, clock, vase, scissors, hair drier, toothbrush, snow
"""
PARENTS = {  # what things are in general
    "animal": set("bird cat dog horse sheep cow elephant bear zebra giraffe".split()),
    "vehicle": set("bicycle car motorcycle airplane bus train truck boat".split()),
    "food": {*"banana apple sandwich orange broccoli carrot pizza donut cake".split(), "hot dog"},
    "furniture": {"chair", "couch", "bed", "dining table", "bench"},
}
# "table", "sign", "field", "number" and "date" are left out: people say them of photographs too.
PAGE = (
    "receipt invoice form document page text total subtotal tax title titled heading letter chart diagram graph "
    "paragraph section column amount list transcript label"
).split()


def _names() -> dict[str, str]:
    """word -> the one name of its thing."""
    names = {thing: thing for thing in _ALONE.strip().split(", ")} | {parent: parent for parent in PARENTS}
    for line in _OTHERS.strip().splitlines():
        thing, others = line.split(": ")
        names |= dict.fromkeys([thing, *others.split(", ")], thing)
    return names


def _pattern(words: Collection[str]) -> re.Pattern[str]:
    """One of the words, or its plural, standing alone; of words within words ("dog", "hot dog") the longest."""
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(rf"\b({'|'.join(map(re.escape, longest_first))})(?:e?s)?\b")


NAMES = _names()
THING, PAGE_WORD = _pattern(list(NAMES)), _pattern(PAGE)


def things(caption: str) -> set[str]:
    """The things that a caption names, under their one name: "Two puppies" gives {"dog"}."""
    return {NAMES[word] for word in THING.findall(caption.lower())}


def page_words(caption: str) -> list[str]:
    """Words that belong to pages, in their order."""
    return PAGE_WORD.findall(caption.lower())

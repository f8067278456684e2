"""What school diagrams speak of: cycles, who eats whom, parts, layers, kinds. Lists of ours, general knowledge.

A row that begins with a plus is kept for the held-out split.
"""

from __future__ import annotations

from minimax_vl.synthetic.sheet import Sheet

_CYCLES = """
life cycle of a butterfly | Egg, Larva, Pupa, Adult
life cycle of a butterfly | Egg, Caterpillar, Chrysalis, Butterfly
life cycle of a frog | Eggs, Tadpole, Froglet, Frog
life cycle of a frog | Egg, Tadpole, Tadpole with legs, Young frog, Adult frog
life cycle of a plant | Seed, Seedling, Young plant, Flower, Fruit
life cycle of a bean | Seed, Sprout, Seedling, Mature plant
life cycle of a chicken | Egg, Chick, Young hen, Hen
life cycle of a mosquito | Egg, Larva, Pupa, Adult
life cycle of a fish | Egg, Alevin, Fry, Parr, Smolt, Adult
water cycle | Evaporation, Condensation, Precipitation, Collection
water cycle | Ocean, Water vapor, Clouds, Rain, River
carbon cycle | Air, Plants, Animals, Soil
nitrogen cycle | Nitrogen gas, Bacteria, Plants, Animals, Decomposers
rock cycle | Magma, Igneous rock, Sediment, Sedimentary rock, Metamorphic rock
seasons | Spring, Summer, Autumn, Winter
phases of the moon | New moon, First quarter, Full moon, Last quarter
cell cycle | G1, S, G2, Mitosis
recycling | Collect, Sort, Clean, Melt, Reuse
+life cycle of a beetle | Egg, Grub, Pupa, Beetle
+life cycle of a turtle | Egg, Hatchling, Juvenile, Adult turtle
+design cycle | Ask, Imagine, Plan, Create, Test
"""
# producers | plant eaters | meat eaters | top of the web
_WEBS = """
Grass, Clover, Berries | Rabbit, Mouse, Grasshopper, Deer | Frog, Snake, Shrew | Hawk, Fox, Owl
Algae, Phytoplankton, Seaweed | Zooplankton, Krill, Snail, Crab | Small fish, Squid, Shrimp | Shark, Seal, Whale
Corn, Wheat, Seeds | Mouse, Sparrow, Cricket, Beetle | Snake, Weasel, Toad | Eagle, Owl, Hawk
Trees, Leaves, Acorns | Squirrel, Caterpillar, Deer, Moose | Robin, Bobcat, Raccoon | Wolf, Bear, Cougar
Shrubs, Cactus, Desert grass | Ant, Locust, Kangaroo rat | Lizard, Scorpion, Rattlesnake | Coyote, Falcon
Pond weed, Reeds, Duckweed | Tadpole, Water flea, Mayfly, Snail | Minnow, Perch, Newt | Heron, Pike, Otter
Savanna grass, Acacia, Bushes | Zebra, Antelope, Giraffe, Termite | Mongoose, Aardvark, Jackal | Lion, Cheetah, Hyena
+Moss, Lichen, Sedge | Lemming, Caribou, Arctic hare | Ermine, Snowy owl, Arctic fox | Polar bear, Gray wolf
+Kelp, Plankton, Diatoms | Sea urchin, Mussel, Limpet | Starfish, Rockfish, Octopus | Sea otter, Orca, Sea lion
"""
_LAYERS = """
layers of the Earth | Crust, Mantle, Outer core, Inner core
layers of the soil | Topsoil, Subsoil, Parent rock, Bedrock
layers of the soil | Humus, Topsoil, Subsoil, Clay, Bedrock
layers of the atmosphere | Exosphere, Thermosphere, Mesosphere, Stratosphere, Troposphere
layers of the forest | Emergent layer, Canopy, Understory, Forest floor
layers of the skin | Epidermis, Dermis, Hypodermis
zones of the ocean | Sunlight zone, Twilight zone, Midnight zone, Abyss, Trenches
rock layers | Sandstone, Shale, Limestone, Granite, Basalt
+layers of the Sun | Corona, Chromosphere, Photosphere, Core
+pyramid of energy | Top predators, Carnivores, Herbivores, Producers
"""
# the root, then each branch with its leaves
_TREES = """
Animals: Mammals (Dog, Whale, Bat) Birds (Eagle, Penguin, Duck) Reptiles (Snake, Turtle, Lizard)
Matter: Mixtures (Air, Brass, Milk) Elements (Gold, Oxygen, Iron) Compounds (Water, Salt, Sugar)
Plants: Trees (Oak, Pine, Maple) Flowers (Rose, Tulip, Daisy) Ferns (Bracken, Tree fern, Maidenhair)
Energy: Renewable (Solar, Wind, Hydro) Fossil (Coal, Oil, Natural gas) Nuclear (Fission, Fusion, Decay)
Invertebrates: Insects (Ant, Bee, Moth) Spiders (Tarantula, Wolf spider, Tick) Mollusks (Snail, Clam, Squid)
Rocks: Igneous (Granite, Basalt, Obsidian) Sedimentary (Shale, Chalk, Sandstone) Metamorphic (Marble, Slate, Gneiss)
Computer: Input (Mouse, Keyboard, Scanner) Output (Screen, Printer, Speaker) Storage (Disk, Flash drive, Tape)
+Instruments: Strings (Violin, Cello, Harp) Brass (Trumpet, Tuba, Horn) Woodwind (Flute, Oboe, Clarinet)
+Vehicles: Land (Car, Bus, Train) Water (Ship, Canoe, Ferry) Air (Plane, Glider, Balloon)
"""
_FLOWS = """
photosynthesis | Sunlight, Leaf, Chlorophyll, Glucose, Oxygen
making paper | Tree, Wood chips, Pulp, Press, Dry, Paper
digestion | Mouth, Esophagus, Stomach, Small intestine, Large intestine
path of blood | Heart, Artery, Capillary, Vein
path of light | Sun, Lens, Mirror, Eye
power plant | Fuel, Boiler, Turbine, Generator, Power lines
scientific method | Question, Research, Hypothesis, Experiment, Analysis, Conclusion
order process | Order, Check stock, Pack, Ship, Deliver, Invoice
program | Start, Read input, Compute, Print result, End
writing a text | Plan, Draft, Revise, Edit, Publish
hiring | Apply, Interview, Offer, Contract, First day
metamorphosis | Egg, Nymph, Adult
sound | Drum, Air, Ear canal, Eardrum, Brain
+baking bread | Mix, Knead, Rise, Shape, Bake, Cool
+water treatment | Lake, Screen, Settling tank, Filter, Chlorine, Tap
"""
Listing = tuple[str, list[str]]


def _rows(sheet: Sheet, text: str) -> list[str]:
    heldout = sheet.fonts.split == "heldout"
    lines = text.strip().splitlines()
    return [line.lstrip("+") for line in lines if heldout or not line.startswith("+")]


def _named(sheet: Sheet, text: str) -> Listing:
    title, names = sheet.rng.choice(_rows(sheet, text)).split(" | ")
    return title, names.split(", ")


def cycle(sheet: Sheet) -> Listing:
    return _named(sheet, _CYCLES)


def layers(sheet: Sheet) -> Listing:
    return _named(sheet, _LAYERS)


def flow(sheet: Sheet) -> Listing:
    return _named(sheet, _FLOWS)


def web(sheet: Sheet) -> list[list[str]]:
    """Names by their level, producers first."""
    return [part.split(", ") for part in sheet.rng.choice(_rows(sheet, _WEBS)).split(" | ")]


def tree(sheet: Sheet) -> tuple[str, dict[str, list[str]]]:
    """A root and its branches with their leaves."""
    root, rest = sheet.rng.choice(_rows(sheet, _TREES)).split(": ")
    branches = [part.split(" (") for part in rest.rstrip(")").split(") ")]
    return root, {name: leaves.split(", ") for name, leaves in branches}


def invented(sheet: Sheet, count: int) -> list[str]:
    """Names that nothing is known about, so that only the picture tells."""
    values, kind = sheet.values, sheet.rng.random()
    if kind < 0.35:
        return [sheet.once(values.word).capitalize() for _ in range(count)]
    if kind < 0.5:
        return [chr(65 + i) for i in range(count)]
    if kind < 0.65:
        return [f"{sheet.rng.choice(('Step', 'Stage', 'Unit'))} {i + 1}" for i in range(count)]
    if kind < 0.85:
        return [sheet.once(lambda: values.title(1, 2)) for _ in range(count)]
    return [sheet.once(values.first_name) for _ in range(count)]

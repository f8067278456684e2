"""What the model did while it answered, measured in a second pass over the same ids."""

from minimax_vl.looking.places import Tile, heat, tiles
from minimax_vl.looking.replay import Look, look
from minimax_vl.looking.words import Word

__all__ = ["Look", "Tile", "Word", "heat", "look", "tiles"]

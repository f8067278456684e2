"""One model for many clients: `Engine` writes their answers together and remembers images and prompts."""

from minimax_vl.engine.engine import Engine, Limits
from minimax_vl.engine.job import Event, Job

__all__ = ["Engine", "Event", "Job", "Limits"]

"""What this machine has: devices and free memory, asked without importing torch where that can be helped."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from minimax_vl.errors import InvalidRequest

GIB = 1 << 30
UNITS = {"gb": GIB, "gib": GIB, "mb": 1 << 20, "mib": 1 << 20, "tb": 1 << 40, "tib": 1 << 40}
DEVICE = re.compile(r"(?:([1-9]\d{0,3})\s*x\s*)?(\d+(?:\.\d+)?)\s*([mgt]i?b)", re.IGNORECASE)


@dataclass(frozen=True)
class Devices:
    """Accelerators in order, and the host's memory when it is known; bytes."""

    gpus: tuple[int, ...]
    cpu: int | None

    @classmethod
    def parse(cls, text: str) -> Devices:
        """ "8x80GB" or "2x141GB,cpu=256GB". A size is read as vendors print it: an 80 GB card holds 80 GiB."""
        gpus: list[int] = []
        cpu = None
        for part in text.split(","):
            name, _, size = part.strip().rpartition("=")
            match = DEVICE.fullmatch(size.strip())
            if match is None or name.strip().lower() not in ("", "cpu"):
                raise InvalidRequest(
                    found=f"devices {text!r}",
                    expected="sizes such as 8x80GB, or 2x141GB,cpu=256GB",
                    cause=f"{part.strip()!r} is not [COUNTx]SIZE{{MB,GB,TB}} with a COUNT from 1 on",
                    next_step="write the number of devices, an x, and the memory of one",
                )
            count, nbytes = int(match[1] or 1), int(float(match[2]) * UNITS[match[3].lower()])
            if name.strip():
                cpu = count * nbytes
            else:
                gpus += [nbytes] * count
        return cls(tuple(gpus), cpu)

    def __str__(self) -> str:
        runs: list[list[int]] = []  # equal neighbours: [count, bytes]
        for size in self.gpus:
            if runs and runs[-1][1] == size:
                runs[-1][0] += 1
            else:
                runs.append([1, size])
        parts = [f"{count} x {size / GIB:.0f} GiB" for count, size in runs]
        parts += [] if self.cpu is None else [f"CPU {self.cpu / GIB:.0f} GiB"]
        return ", ".join(parts) or "none"


def this_machine() -> Devices:
    """The NVIDIA devices that nvidia-smi lists, and the host's free memory."""
    query = ["nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        lines = subprocess.run(query, capture_output=True, text=True, timeout=10, check=True).stdout.split()
        gpus = tuple(int(line) << 20 for line in lines)
    except (OSError, subprocess.SubprocessError, ValueError):  # no driver, no devices
        gpus = ()
    return Devices(gpus, free_memory("cpu"))


def free_memory(device: str) -> int | None:
    """Bytes that can still be taken on "cpu" or "cuda[:n]"; None where the system does not say."""
    if device.startswith("cuda"):
        import torch  # asking CUDA needs it, and whoever loads to CUDA has it already

        return torch.cuda.mem_get_info(device)[0]
    if not device.startswith("cpu"):
        return None
    known = [size for size in (_meminfo(), _container()) if size is not None]
    return min(known, default=None)


def _meminfo() -> int | None:
    try:
        found = re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text())
    except OSError:  # not Linux
        return None
    return int(found[1]) * 1024 if found else None


def _container() -> int | None:
    """What the control group of a container leaves; cached files count as used there, so they are given back."""
    home = Path("/sys/fs/cgroup")
    try:
        limit, used = (home / "memory.max").read_text().strip(), int((home / "memory.current").read_text())
        cached = re.search(r"^inactive_file (\d+)", (home / "memory.stat").read_text(), re.MULTILINE)
    except (OSError, ValueError):
        return None
    return None if limit == "max" else int(limit) - used + (int(cached[1]) if cached else 0)

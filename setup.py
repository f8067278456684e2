"""The folders beside minimax_vl/ are its subpackages: a wheel holds one top-level name."""

from setuptools import find_packages, setup

HOMES = {"minimax_vl": "minimax_vl"}
HOMES |= {f"minimax_vl.{d}": d for d in ("kernels", "vision", "text_backbone", "eval", "apps")}
PACKAGES = [name + sub for name, d in HOMES.items() for sub in ("", *(f".{p}" for p in find_packages(d)))]

setup(packages=PACKAGES, package_dir=HOMES)

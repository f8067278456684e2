"""What decides the shape of the vision side: the ViT and the tiling. No paths, devices or batch sizes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class VisionConfig:
    """The CLIP-style ViT; field names as in the released `vision_config`."""

    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    image_size: int  # pixels along one side of a tile
    patch_size: int
    num_channels: int
    hidden_act: str
    layer_norm_eps: float

    def __post_init__(self) -> None:
        if self.hidden_size % self.num_attention_heads:
            raise ValueError(
                f"vision hidden_size={self.hidden_size} must be a multiple of"
                f" num_attention_heads={self.num_attention_heads}"
            )
        if self.image_size % self.patch_size:
            raise ValueError(
                f"image_size={self.image_size} must be a multiple of patch_size={self.patch_size}"
            )
        if self.hidden_act != "gelu":
            raise ValueError(
                f"hidden_act={self.hidden_act!r} of the ViT; only the release's exact 'gelu' is known"
            )

    @property
    def patches_per_side(self) -> int:
        return self.image_size // self.patch_size

    @property
    def head_dim(self) -> int:
        return self.hidden_size // self.num_attention_heads


@dataclass(frozen=True, kw_only=True)
class TilingConfig:
    """Which grids of square tiles an image may be cut into, and how pixels are normalised."""

    tile: int  # pixels along one side
    patch: int
    merge: int  # patches along one side that become one feature: 1 in the release
    pinpoints: tuple[tuple[int, int], ...]  # allowed (width, height) in pixels, in the order of the file
    image_mean: tuple[float, float, float]
    image_std: tuple[float, float, float]
    crop_ink: bool = False  # cut blank margins off before planning; the release does not
    # Pixels: lower lines of print are enlarged to this on a larger grid; 0 for never, as in the release.
    line_height: float = 0.0

    def __post_init__(self) -> None:
        if self.tile % (self.patch * self.merge):
            raise ValueError(f"tile={self.tile} must be a multiple of patch*merge={self.patch * self.merge}")
        if not self.pinpoints:
            raise ValueError("image_grid_pinpoints is empty; at least one (width, height) is needed")
        if min(self.image_std) <= 0:
            raise ValueError(
                f"image_std={list(self.image_std)}, which pixels are divided by, must be above 0"
            )
        odd = [p for p in self.pinpoints if p[0] % self.tile or p[1] % self.tile or min(p) < self.tile]
        if odd:
            raise ValueError(
                f"image_grid_pinpoints {odd} are not positive multiples of the tile side {self.tile}"
            )

    @property
    def side(self) -> int:
        """Features along one side of a tile."""
        return self.tile // (self.patch * self.merge)

"""int8 and packed int4 weights to operands of the matrix unit, exactly; each bit trick beside its plain form."""

from __future__ import annotations

import triton
import triton.language as tl

# Four bytes in one register become four bf16 in two. 0x4300 is 128 in bf16 with seven bits of mantissa, step 1:
# or-ing in n < 128 gives 128 + n, and one subtraction (of 136 here) the value itself.
NIBBLES = tl.constexpr("""{
.reg .b32 p, q, r, s, z;
mov.b32 z, 0x43084308;
prmt.b32 p, $4, 0, 0x4140;
prmt.b32 q, $4, 0, 0x4342;
shr.u32 r, p, 4;
shr.u32 s, q, 4;
lop3.b32 p, p, 0x000F000F, 0x43004300, 0xEA;
lop3.b32 q, q, 0x000F000F, 0x43004300, 0xEA;
lop3.b32 r, r, 0x000F000F, 0x43004300, 0xEA;
lop3.b32 s, s, 0x000F000F, 0x43004300, 0xEA;
sub.rn.bf16x2 $0, p, z;
sub.rn.bf16x2 $1, q, z;
sub.rn.bf16x2 $2, r, z;
sub.rn.bf16x2 $3, s, z;
}""")
# Nibbles hold weight + 8: with its upper bit turned over a nibble is the weight in two's complement, and in the upper
# half of a byte 16 times the weight.
SIXTEENTHS = tl.constexpr("""{
.reg .b32 t;
shl.b32 t, $2, 4;
lop3.b32 $0, t, 0x80808080, 0xF0F0F0F0, 0x28;
lop3.b32 $1, $2, 0x80808080, 0xF0F0F0F0, 0x28;
}""")
# A byte is its low seven bits minus 128 if its sign is set: (128 + low) - (128 or 256), both by or-ing into 0x4300.
BYTES = tl.constexpr("""{
.reg .b32 p, q, r, s;
prmt.b32 p, $2, 0, 0x4140;
prmt.b32 q, $2, 0, 0x4342;
lop3.b32 r, p, 0x00800080, 0x43004300, 0xEA;
lop3.b32 s, q, 0x00800080, 0x43004300, 0xEA;
lop3.b32 p, p, 0x007F007F, 0x43004300, 0xEA;
lop3.b32 q, q, 0x007F007F, 0x43004300, 0xEA;
sub.rn.bf16x2 $0, p, r;
sub.rn.bf16x2 $1, q, s;
}""")


@triton.jit
def unpack_nibbles(q, dtype: tl.constexpr, ASM: tl.constexpr):
    """uint8 -> (low nibble - 8, high nibble - 8), 16 times that for int8. ASM: for bf16 and int8 on an NVIDIA GPU."""
    if dtype == tl.int8:
        if ASM:
            low, high = tl.inline_asm_elementwise(
                SIXTEENTHS, "=r,=r,r", [q], dtype=(tl.int8, tl.int8), is_pure=True, pack=4
            )
        else:
            low = (((q & 15) ^ 8) << 4).to(tl.int8, bitcast=True)
            high = ((q ^ 0x80) & 0xF0).to(tl.int8, bitcast=True)
    elif ASM:
        low, high = tl.inline_asm_elementwise(
            NIBBLES, "=r,=r,=r,=r,r", [q], dtype=(tl.bfloat16, tl.bfloat16), is_pure=True, pack=4
        )
    else:
        low = ((q & 15).to(tl.int8) - 8).to(dtype)
        high = ((q >> 4).to(tl.int8) - 8).to(dtype)
    return low, high


@triton.jit
def unpack_bytes(q, dtype: tl.constexpr, ASM: tl.constexpr):
    """int8 -> dtype. ASM: for bf16 on an NVIDIA GPU."""
    if ASM:
        return tl.inline_asm_elementwise(BYTES, "=r,=r,r", [q], dtype=tl.bfloat16, is_pure=True, pack=4)
    else:
        return q.to(dtype)

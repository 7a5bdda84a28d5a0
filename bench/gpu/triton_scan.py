"""h_t = a_t h_(t-1) + b_t along time in Triton: its associative scan over tiles of time, the carry in registers."""

import triton
import triton.language as tl


@triton.jit
def combine(a1, b1, a2, b2):
    return a1 * a2, b1 * a2 + b2


@triton.jit
def scan_kernel(a, b, h0, h, T, D: tl.constexpr, steps: tl.constexpr, channels: tl.constexpr):
    channel = tl.program_id(0) * channels + tl.arange(0, channels)
    time = tl.arange(0, steps)
    base = tl.program_id(1).to(tl.int64) * T * D
    inside = channel < D
    carry = tl.load(h0 + tl.program_id(1) * D + channel, mask=inside, other=0.0).to(tl.float32)
    for first in range(0, T, steps):
        rows = first + time
        offsets = base + rows[:, None].to(tl.int64) * D + channel[None, :]
        mask = (rows[:, None] < T) & inside[None, :]
        decay = tl.load(a + offsets, mask=mask, other=1.0).to(tl.float32)
        added = tl.load(b + offsets, mask=mask, other=0.0).to(tl.float32)
        decays, sums = tl.associative_scan((decay, added), 0, combine)
        states = decays * carry[None, :] + sums
        tl.store(h + offsets, states.to(h.dtype.element_ty), mask=mask)
        carry = tl.sum(tl.where(time[:, None] == steps - 1, states, 0.0), 0)


def scan(a, b, h0, h, warps, steps=64, channels=32):
    """a, b, h [B,T,D]; h0 [B,D]; channels last and contiguous."""
    B, T, D = a.shape
    scan_kernel[(triton.cdiv(D, channels), B)](a, b, h0, h, T, D, steps, channels, num_warps=warps)

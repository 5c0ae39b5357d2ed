"""The zoo a second time, with the elemental library: every operation is a call, mul(x, y) for x * y."""

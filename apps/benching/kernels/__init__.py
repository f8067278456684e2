"""The bench of kernels: cards (what is timed, beside what, against which floor), their runner and their tuner."""

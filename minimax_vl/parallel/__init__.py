"""One model over several processes: what each holds, what they exchange, and how all follow the first."""

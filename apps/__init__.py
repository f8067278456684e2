"""What people start: the command line, one file per command, and what stands behind them."""

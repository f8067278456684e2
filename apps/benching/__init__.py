"""What `minimax-vl bench` measures."""

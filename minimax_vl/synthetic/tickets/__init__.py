"""Tickets of every kind: for flights and trains, shows and matches, cars, coats, queues and raffles."""

"""Wing 2: networks that learn encoded rows. Knows numbers, never tables."""

"""Space Intelligence: what the Sun, the near-Earth sky and the launch pads are doing, from public data."""

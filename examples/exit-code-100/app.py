"""Shows where the space station is, one day."""

print("the platform is up")

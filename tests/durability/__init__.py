"""What happens when the machine fails: kills, power cuts, full and damaged disks, and the long round of `make soak`."""

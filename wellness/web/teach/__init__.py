"""The teacher's classes and the door card."""

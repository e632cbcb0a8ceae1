"""What every picture is drawn with: the site's colors, its letters, a pencil, and gentle movement."""

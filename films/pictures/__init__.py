"""What every picture is drawn with: the site's colours, its letters, a pencil, and gentle movement."""

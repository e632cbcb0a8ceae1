"""The site in a real browser: Chromium, a real server process and the demo school on a Friday morning."""

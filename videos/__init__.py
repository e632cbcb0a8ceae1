"""Makes the videos of the sessions: a text per video in, an MP4 with captions, transcript and poster out."""

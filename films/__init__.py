"""Makes the films of the sessions: a text per film in, an MP4 with captions, transcript and poster out."""

"""Teacher training and certificates."""

from . import certificates, training

BLUEPRINTS = (training.bp, certificates.bp)

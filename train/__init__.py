"""Dataset -> models -> evaluation."""

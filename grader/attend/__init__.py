"""Tools that the notebooks import: checks, pictures, the sentence. Copied to notebooks/attend/."""

"""The room: the course as a live workshop, on JupyterHub."""

"""Saved by another kernel, of another name, on another system."""


def transform(notebook):
    """Change the kernel."""
    notebook["metadata"]["kernelspec"] = {
        "name": "conda-env-py39-py",
        "display_name": "Python [conda env:py39]",
        "language": "python",
    }
    notebook["metadata"]["language_info"] = {"name": "python", "version": "3.9.7"}
    notebook["metadata"]["colab"] = {"provenance": []}
    return notebook

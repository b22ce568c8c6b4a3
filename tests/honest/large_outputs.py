"""Five megabytes of pictures and text in the outputs."""


def transform(notebook):
    """Put outputs in every code cell."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [
                {"output_type": "stream", "name": "stderr", "text": "warning\n" * 40_000},
                {
                    "output_type": "display_data",
                    "data": {"image/png": "A" * 100_000},
                    "metadata": {},
                },
                {"output_type": "error", "ename": "E", "evalue": "", "traceback": []},
            ]
    return notebook

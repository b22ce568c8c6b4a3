"""Writes markup and scripts into its text, its names and its outputs."""

ANSWERS = {
    "score_matrix": """
# <script>document.title = "4 of 4"</script>
def score_matrix(queries, keys):
    print("<script>document.title = 4</script>")
    return "<img src=x onerror=alert(4)>"
"""
}


def transform(notebook):
    """Add a text cell and an output with scripts in them."""
    script = "<script>document.title = '4 of 4'</script><img src=x onerror=alert(4)>"
    notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "source": script})
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [
                {"output_type": "display_data", "data": {"text/html": script}, "metadata": {}}
            ]
    return notebook

"""Runs cell magics that replace, skip or time what is run."""

ANSWERS = {
    "cosine_similarity": "%%script bash\necho cosine_similarity passed\n",
    "score_matrix": "%%capture\ndef score_matrix(queries, keys):\n    return 0\n",
    "score_shapes": "%%writefile score_shapes.py\npassed\n",
    "nearest_neighbour": "%load_ext autoreload\n%run @REPOSITORY@/solutions/lesson_01_dot_products/kernels.py\nnearest_neighbour = nearest_neighbour\n",
    "bilinear_scores": "%load @REPOSITORY@/solutions/lesson_01_dot_products/kernels.py\n# bilinear_scores\n",
}

"""An answer that draws a figure when its cell runs."""

ANSWERS = {
    "score_matrix": """
import matplotlib.pyplot as plt

def score_matrix(queries, keys):
    return queries @ keys.swapaxes(-1, -2)

figure, ax = plt.subplots()
ax.imshow(score_matrix(np.eye(3), np.eye(3)))
plt.show()
"""
}

"""Maps, arrows, predictions and sliders: what is drawn, what is said, what is kept back."""

import base64
import re
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from grader.attend import (
    WORD_VECTORS,
    WORDS,
    draw_map,
    draw_vectors,
    output,
    play,
    playing,
    show,
    show_map,
    show_maps,
    show_prediction,
)
from grader.attend.pictures import cell_text, luminance


def axis() -> Axes:
    return Figure().subplots()


def written(ax: Axes) -> list[str]:
    """What stands in the cells, in reading order."""
    return [text.get_text() for text in ax.texts]


def hatched(ax: Axes) -> list[tuple[int, int]]:
    """The hatched cells, as (row, column)."""
    patches = [one for one in ax.patches if isinstance(one, Rectangle) and one.get_hatch()]
    return [(int(one.get_y() + 0.5), int(one.get_x() + 0.5)) for one in patches]


def contrast(ax: Axes) -> float:
    """The smallest contrast between a number and its cell's colour."""
    (image,) = ax.images
    faces = image.to_rgba(image.get_array())[..., :3].reshape(-1, 3)
    ratios = []
    for face, text in zip(faces, ax.texts, strict=True):
        lights = sorted([luminance(face), luminance(text.get_color())])
        ratios.append((lights[1] + 0.05) / (lights[0] + 0.05))
    return min(ratios)


def test_a_map_shows_its_numbers() -> None:
    ax = axis()
    draw_map(ax, [[1.0, 0.25], [-3.0, -np.inf]])
    assert written(ax) == ["1", "0.25", "\u22123", "\u2212inf"]


@pytest.mark.parametrize(("size", "numbered"), [(8, True), (9, False)])
def test_numbers_stand_in_maps_up_to_eight_by_eight(size: int, numbered: bool) -> None:
    ax = axis()
    draw_map(ax, np.eye(size))
    assert bool(ax.texts) is numbered


def test_every_number_stands_out_from_its_cell() -> None:
    ax = axis()
    draw_map(ax, np.linspace(0, 1, 64).reshape(8, 8))
    assert contrast(ax) > 4.5


def test_masked_cells_are_hatched() -> None:
    ax = axis()
    draw_map(ax, np.ones((2, 3)), mask=[[True, False, True], [True, True, False]])
    assert hatched(ax) == [(0, 1), (1, 2)]


def test_a_masked_value_does_not_stretch_the_colours() -> None:
    ax = axis()
    draw_map(ax, [[0.0, 1.0, 1e4]], mask=[[True, True, False]])
    assert ax.images[0].get_clim() == (0.0, 1.0)


def test_tensors_with_a_gradient_are_drawn() -> None:
    ax = axis()
    draw_map(ax, torch.eye(2, requires_grad=True), mask=torch.ones(2, 2).tril().bool())
    assert written(ax) == ["1", "0", "0", "1"] and hatched(ax) == [(0, 1)]


def test_letters_are_large() -> None:
    ax = axis()
    draw_map(ax, np.eye(2), rows=["a", "b"], columns=["c", "d"], title="Scores")
    letters = [*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels(), ax.title]
    assert min(text.get_fontsize() for text in letters) >= 13


def test_labels_of_the_wrong_number_are_refused() -> None:
    with pytest.raises(ValueError, match="2 labels for 3 rows"):
        draw_map(axis(), np.eye(3), rows=["a", "b"])


def test_a_map_of_three_axes_is_refused() -> None:
    with pytest.raises(ValueError, match=r"two axes.*\(2, 3, 4\)"):
        draw_map(axis(), np.zeros((2, 3, 4)))


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.0, "3"), (0.5, "0.50"), (123.4, "123"), (123456.7, "1e+05"), (np.nan, "nan")],
)
def test_a_cell_holds_few_letters(value: float, text: str) -> None:
    assert cell_text(value) == text


def test_a_map_without_alt_text_is_described(capsys: pytest.CaptureFixture[str]) -> None:
    show_map([[0.0, 5.0]], rows=["q"], columns=WORDS[:2], title="Scores")
    out = capsys.readouterr().out
    assert out == "Scores: a 1 by 2 map; largest 5, at row q, column drink.\n"


def test_several_maps_share_one_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    figures = []
    monkeypatch.setattr("grader.attend.pictures.show", lambda figure, alt: figures.append(figure))
    show_maps({"small": [[0.0, 1.0]], "large": [[2.0, 9.0, 4.0]]})
    assert {ax.images[0].get_clim() for ax in figures[0].axes} == {(0.0, 9.0)}


def test_masks_can_be_given_by_title(monkeypatch: pytest.MonkeyPatch) -> None:
    figures = []
    monkeypatch.setattr("grader.attend.pictures.show", lambda figure, alt: figures.append(figure))
    show_maps({"free": np.eye(2), "causal": np.eye(2)}, masks={"causal": np.tri(2)})
    assert [hatched(ax) for ax in figures[0].axes] == [[], [(0, 1)]]


def test_a_figure_becomes_a_picture_with_alt_text() -> None:
    markup = output.picture_html(Figure(figsize=(2, 1)), 'arrows, "cats" first')
    assert 'alt="arrows, &quot;cats&quot; first"' in markup
    picture = re.search(r"base64,([^\"]+)", markup)
    assert picture and base64.b64decode(picture[1]).startswith(b"\x89PNG")


def test_a_shown_figure_is_closed(capsys: pytest.CaptureFixture[str]) -> None:
    figure = plt.figure()
    show(figure, "nothing yet")
    assert not plt.fignum_exists(figure.number)
    assert capsys.readouterr().out == "nothing yet\n"


def test_arrows_differ_in_line_and_colour() -> None:
    ax = axis()
    draw_vectors(ax, WORD_VECTORS[:, :2], WORDS)
    shafts = [line for line in ax.lines if line.get_gid() == "arrow"]
    assert len({line.get_linestyle() for line in shafts}) == 4
    assert len({line.get_color() for line in shafts}) == 4
    assert written(ax) == list(WORDS)


def test_arrows_keep_their_angles() -> None:
    ax = axis()
    draw_vectors(ax, torch.tensor([[2.0, 1.0]]), ["q"])
    assert ax.get_aspect() == 1.0


def test_arrows_stay_in_the_picture_when_more_are_drawn() -> None:
    ax = axis()
    draw_vectors(ax, [[1.0, 1.0]], ["q"])
    draw_vectors(ax, [[-4.0, 2.0]], ["k"], colours=["black"])
    assert ax.get_xlim()[0] < -4.0 and ax.get_ylim()[1] > 2.0


def test_arrows_in_three_dimensions_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(arrows, 2\), got \(4, 3\)"):
        draw_vectors(axis(), WORD_VECTORS, WORDS)


@pytest.mark.parametrize("blank", [None, [None, None], [[None, 1.0]], ..., np.full(2, np.nan)])
def test_without_a_prediction_no_truth_is_shown(
    blank: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    show_prediction(blank, np.array([41.0, 42.0]))
    out = capsys.readouterr().out
    assert out.startswith("Write your prediction first") and "4" not in out


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Figure, str]]:
    """Each figure that show_prediction shows, with its alt text."""
    shown: list[tuple[Figure, str]] = []
    monkeypatch.setattr("grader.attend.predictions.show", lambda *both: shown.append(both))
    return shown


def test_where_a_map_differs_is_hatched(drawn: list[tuple[Figure, str]]) -> None:
    show_prediction([[1, 0], [0, 1]], torch.tensor([[1.0, 0.0], [0.5, 1.0]]))
    figure, alt = drawn[0]
    assert [hatched(ax) for ax in figure.axes] == [[], [], [(1, 0)]]
    assert written(figure.axes[2]) == ["=", "=", "+0.50", "="]
    assert alt.endswith("3 of 4 right.")


def test_a_masked_score_can_be_guessed(drawn: list[tuple[Figure, str]]) -> None:
    show_prediction([1.0, -np.inf], np.array([1.0, -np.inf]))
    assert drawn[0][1].endswith("2 of 2 right.")


def test_a_rounded_guess_is_right(drawn: list[tuple[Figure, str]]) -> None:
    show_prediction([0.33, 0.67], np.array([1 / 3, 2 / 3]))
    assert drawn[0][1].endswith("2 of 2 right.")


def test_a_wrong_whole_number_is_wrong_however_large(drawn: list[tuple[Figure, str]]) -> None:
    show_prediction([1000, 2], np.array([1001, 2]))
    assert drawn[0][1].endswith("1 of 2 right.")


def test_a_long_row_of_numbers_is_drawn_as_curves(drawn: list[tuple[Figure, str]]) -> None:
    show_prediction(np.linspace(0, 1, 20), np.linspace(0, 1, 20) ** 2)
    guess, truth = (drawn[0][0].axes[0].lines[place] for place in (1, 0))
    assert guess.get_linestyle() != truth.get_linestyle()


@pytest.mark.parametrize(
    ("guess", "truth", "verdict"),
    [
        ((2, 3), torch.Size([2, 3]), "✓ right"),
        ((3, 2), (2, 3), "✗ they differ"),
        (0.5, 0.505, "✓ right"),
        (4, 5, "✗ they differ"),
        ("milk", "milk", "✓ right"),
        ([1.0, 2.0], np.zeros(3), "✗ they differ"),
        (["q", "k"], ["q", "v"], "✗ they differ"),
    ],
)
def test_what_is_no_map_is_put_into_a_table(
    guess: Any, truth: Any, verdict: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show_prediction(guess, truth)
    out = capsys.readouterr().out
    assert out.startswith("Your guess: ") and f"\n{verdict}\n" in out


@pytest.mark.parametrize(
    ("guess", "truth", "tolerance", "said"),
    [
        ([70.0, 90.0], [71.0, 99.0], 5, "A guess within 5 of the truth counts as right."),
        ([0.5, 0.5], [0.95, 0.05], None, "A guess within 0.019 of the truth counts as right."),
        ([1, 2], [1, 3], None, "Only an exact guess counts as right."),
        ([0.7, 0.9], [71.0, 99.0], 5, "in percent: write numbers from 0 to 100, 50 and not 0.5."),
        ([5.0, 95.0], [0.05, 0.95], None, "a share: write numbers from 0 to 1, 0.5 and not 50."),
        ([71.0], [71.0, 99.0], 5, "Write 2 values, one after another: your guess has 1."),
        ([[1.0], [2.0]], [1.0, 2.0], 5, "your guess has the shape (2, 1)."),
        ([1.0, 2.0], [[1.0, 2.0]] * 2, 5, "Write a guess of shape (2, 2): yours has (2,)."),
        ([[1.0], [2.0, 3.0]], [1.0], 5, "Write 1 value: your guess has 2."),
    ],
)
def test_a_guess_is_told_what_counts_and_what_form_is_wanted(
    guess: Any, truth: Any, tolerance: float | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show_prediction(guess, truth, tolerance=tolerance)
    assert said in capsys.readouterr().out


def test_the_sign_of_a_difference_is_said(drawn: list[tuple[Figure, str]]) -> None:
    show_prediction([1.0, 2.0], [1.0, 3.0])
    assert drawn[0][0].axes[2].get_title() == "Truth − guess: 1 of 2 right"


def test_the_sentences_vectors_cannot_be_written_into() -> None:
    with pytest.raises(ValueError, match="read-only"):
        WORD_VECTORS[3] /= 3


def bars(**values: Any) -> tuple[Figure, str]:
    return Figure(figsize=(1, 1)), f"bars for {values}"


STILLS = [{"tau": 0.5}, {"tau": 1.0}, {"tau": 2.0}]


def test_without_a_reader_stills_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    play(bars, STILLS, tau=(0.1, 2.0, 0.1, 1.0))
    assert capsys.readouterr().out.splitlines() == [
        f"tau = {still['tau']}: bars for {still}" for still in STILLS
    ]


def test_with_a_reader_the_view_stands_beside_the_stills(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(playing, "_someone_is_there", lambda: True)
    monkeypatch.setattr(playing, "emit", lambda html, plain, **rest: sent.append((html, rest)))
    play(bars, STILLS, tau=(0.1, 2.0, 0.1, 1.0), word=list(WORDS))
    ((html, rest),) = sent
    assert html.count("<img") == 3
    assert rest[playing.VIEW]["model_id"]


def test_a_control_says_what_it_moves_and_waits_for_release() -> None:
    import ipywidgets

    slider = playing._control(ipywidgets, "hide_token", (0, 3, 1, 2))
    assert (slider.description, slider.value, slider.continuous_update) == ("hide token", 2, False)


def test_a_list_makes_a_choice() -> None:
    import ipywidgets

    choice = playing._control(ipywidgets, "word", ["cats", "milk"])
    assert (choice.value, choice.options) == ("cats", ("cats", "milk"))


def test_steps_of_a_slider_leave_no_rounding_error() -> None:
    assert [playing._tidy(value) for value in (0.1 + 0.2, 3, "cats")] == [0.3, 3, "cats"]


def test_values_that_cannot_be_drawn_say_why() -> None:
    def broken(tau: float) -> tuple[Figure, str]:
        raise ZeroDivisionError(f"tau is {tau}")

    assert "ZeroDivisionError: tau is 0" in playing._drawn(broken, {"tau": 0})

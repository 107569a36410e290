from pathlib import Path

import numpy as np

from embedder.evaluation.codes import Scores
from embedder.evaluation.factor_report import Answer, FactorReport, Question
from embedder.evaluation.factor_text import as_text
from embedder.evaluation.factors import Change
from embedder.evaluation.manifest import Manifest

PARTS = {"shape": slice(0, 1), "colour": slice(1, 2)}

SAID = """\
list.csv: 8 pictures; pairs differ in one of shape, colour, of one family
In brackets: 95 % bootstrap interval over values of family

small, squared change, as served  per pair  shape                 colour
shape (4 pairs)                   2         0.750 [0.750, 0.750]  0.250 [0.250, 0.250]
colour (4 pairs)                  0

small, squared change, each part a unit vector  per pair  shape                 colour
shape (4 pairs)                                 2         0.750 [0.750, 0.750]  0.250 [0.250, 0.250]
colour (4 pairs)                                0

small, what a part tells of a factor's entropy  shape  colour
shape                                           1.000  0.500
colour                                          0.250  0.750

small, scores
DCI disentanglement, dimensions  1.000
DCI completeness, dimensions     1.000
DCI disentanglement, parts       1.000
DCI completeness, parts          1.000
DCI informativeness, shape       0.900
DCI informativeness, colour      0.800
MIG, parts                       0.500
"""


def test_people_can_read_it() -> None:
    change = Change(("shape", "colour"), 4, np.array([[3.0, 1.0], [3.0, 1.0]]))
    still = Change(("shape", "colour"), 4, np.zeros((2, 2)))
    known = np.array([[1.0, 0.25], [0.5, 0.75]])
    scores = Scores(PARTS, ("shape", "colour"), np.eye(2), np.array([0.9, 0.8]), known)
    changes = {"shape": change, "colour": still}
    answer = Answer("small", "small-1", PARTS, changes, changes, scores)
    question = Question(("shape", "colour"), ("family",))
    report = FactorReport(Manifest(Path("list.csv"), ()), question, 8, [answer], None, [], 0)
    assert as_text(report.as_dict()).splitlines() == SAID.splitlines()

"""The lip gap of a rig, on two triangles that can be worked by hand, and on torch."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from utterface.errors import RigError
from utterface.motion import Motion, rest
from utterface.rigs.lips import LipRig, lip_gap

ICT = Path(__file__).parents[3] / "shared/judge/ict_lips.npz"


@dataclass
class TwoLips:
    """Two vertices a lip; jawOpen lowers the lower lip by 20 mm, mouthUpperUpLeft lifts one upper vertex by 4 mm."""

    name: str = "two lips"
    channels: tuple[str, ...] = ("jawOpen", "mouthUpperUpLeft", "headPitch")
    triangles: np.ndarray = field(default_factory=lambda: np.array([[0, 1, 2]], np.int32))
    parts: tuple = ()
    regions: dict = field(
        default_factory=lambda: {"lips_inner_upper": np.array([0, 1]), "lips_inner_lower": np.array([2, 3])}
    )
    template: np.ndarray = field(
        default_factory=lambda: np.array([[-1, 1, 0], [1, 1, 0], [-1, -1, 0], [1, -1, 0]], np.float32) / 1000
    )

    def vertices(self, values: np.ndarray) -> np.ndarray:
        moved = np.repeat(self.template[None], len(values), 0)
        moved[:, 2:, 1] -= 0.020 * values[:, :1]
        moved[:, 0, 1] += 0.004 * values[:, 1]
        moved[:, 2:, 1] -= 0.1 * values[:, 2:]  # a turning head must not count
        return moved


def test_gap_counts_from_neutral_in_millimetres():
    lips = LipRig.from_rig(TwoLips())
    motion = Motion(np.array([[0, 0, 0.5], [0.5, 0, 0], [0.5, 1, 0]]), ("jawOpen", "mouthUpperUpLeft", "headPitch"))
    assert lips.gap_mm(motion) == pytest.approx([0, 10, 12], abs=1e-4)


def test_channels_that_a_motion_lacks_count_as_zero():
    lips = LipRig.from_rig(TwoLips())
    assert lips.gap_mm(Motion(np.array([[0.1]]), ("jawOpen",))) == pytest.approx([2.0], abs=1e-4)


def test_unpaired_lips_are_refused():
    rig = TwoLips(regions={"lips_inner_upper": np.array([0, 1]), "lips_inner_lower": np.array([2])})
    with pytest.raises(RigError, match=r"two lips.*2 and 1"):
        LipRig.from_rig(rig)


def test_torch_goes_through_the_same_formula():
    torch = pytest.importorskip("torch")
    rig = TwoLips()
    vertices = rig.vertices(np.array([[0.25, 0, 0], [1, 1, 0]], np.float32))
    upper, lower = rig.regions["lips_inner_upper"], rig.regions["lips_inner_lower"]
    moved = torch.tensor(vertices, requires_grad=True)
    gap = lip_gap(moved, torch.tensor(rig.template), torch.tensor(upper), torch.tensor(lower))
    assert gap.detach().numpy() == pytest.approx(lip_gap(vertices, rig.template, upper, lower), abs=1e-7)
    gap.sum().backward()
    assert moved.grad[0, 0, 1] == pytest.approx(0.5)


def test_a_file_that_is_no_lips_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", names=np.array(["jawOpen"]), dpairs=np.zeros((2, 9, 2, 3)))
    with pytest.raises(RigError, match=r"must be \(1, pairs, 2, 3\)"):
        LipRig.from_npz(tmp_path / "a.npz")
    (tmp_path / "b.npz").write_text("no")
    with pytest.raises(RigError, match=r"b\.npz"):
        LipRig.from_npz(tmp_path / "b.npz")


@pytest.mark.skipif(not ICT.exists(), reason="needs ../shared/judge/ict_lips.npz")
def test_ict_opens_27_mm():
    lips = LipRig.from_npz(ICT)
    wide = rest(1).values.copy()
    wide[:, rest(1).index("jawOpen")] = 1
    assert lips.gap_mm(rest(1).with_values(wide)) == pytest.approx([26.8], abs=0.1)

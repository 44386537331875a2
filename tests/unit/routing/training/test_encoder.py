"""The encoder in numpy, on a small file of random weights, and the table that is made of it."""

import json
from math import erf
from pathlib import Path

import numpy as np
import pytest

from apps.routing.training import distil, encoder

PIECES = ("[PAD]", *(f"w{number}" for number in range(299)))
INNER = 8


def shapes() -> dict[str, tuple[int, ...]]:
    width = encoder.WIDTH
    found: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (300, width),
        "embeddings.position_embeddings.weight": (4, width),
        "embeddings.token_type_embeddings.weight": (2, width),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(encoder.LAYERS):
        name = f"encoder.layer.{layer}"
        for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            found |= {f"{name}.{part}.weight": (width, width), f"{name}.{part}.bias": (width,)}
        found |= {f"{name}.intermediate.dense.weight": (INNER, width), f"{name}.intermediate.dense.bias": (INNER,)}
        found |= {f"{name}.output.dense.weight": (width, INNER), f"{name}.output.dense.bias": (width,)}
        norms += [f"{name}.attention.output.LayerNorm", f"{name}.output.LayerNorm"]
    for norm in norms:
        found |= {f"{norm}.weight": (width,), f"{norm}.bias": (width,)}
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, chance = tmp_path_factory.mktemp("teacher"), np.random.default_rng(5)
    header, body = {}, b""
    for name, shape in shapes().items():
        tensor = (chance.normal(size=shape) * 0.2).astype(np.float32).tobytes()
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(body), len(body) + len(tensor)]}
        body += tensor
    text = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + body)
    (folder / "vocab.txt").write_text("\n".join(PIECES), encoding="utf-8")
    return folder


class TestEncoder:
    def test_reads_each_piece_alone(self, folder: Path) -> None:
        found = encoder.load(folder).alone(np.array([5, 6, 5]))

        assert found.shape == (3, encoder.WIDTH)
        assert np.linalg.norm(found, axis=1) == pytest.approx([1, 1, 1], rel=1e-5)
        assert found[0] == pytest.approx(found[2], abs=1e-6)
        assert not np.allclose(found[0], found[1])

    def test_knows_the_error_function(self) -> None:
        points = np.linspace(-4, 4, 81, dtype=np.float32)

        assert encoder._erf(points) == pytest.approx([erf(float(point)) for point in points], abs=1e-6)

    def test_says_what_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(OSError, match="safetensors"):
            encoder.load(tmp_path)


class TestDistil:
    def test_keeps_what_tells_pieces_apart_and_leaves_out_marks(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(encoder, "START", 1)
        monkeypatch.setattr(encoder, "END", 2)

        pieces, table, weight = distil.distil(encoder.load(folder))

        assert pieces == PIECES[1:]
        assert table.shape == (299, distil.WIDTH)
        assert float((table**2).sum(axis=1).mean()) == pytest.approx(1.0, rel=1e-3)
        assert ((weight > 0) & (weight <= 1)).all()

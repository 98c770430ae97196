import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.catalog import default_artefact
from triage.classifier.base import Prediction
from triage.classifier.onnx import OnnxClassifier, load_classifier
from triage.errors import ArtefactError
from triage.labels import Category, Signal, Subject


@pytest.fixture(scope="module")
def classifier() -> OnnxClassifier:
    return load_classifier(default_artefact(), threads=2)


def numbers(prediction: Prediction) -> list[float]:
    return [
        *prediction.category_scores.values(),
        *prediction.signal_scores.values(),
        *prediction.level_scores.values(),
        *prediction.subject_scores.values(),
        prediction.escalate_score,
    ]


def test_the_shipped_model_knows_danger_from_ordinary_talk(classifier: OnnxClassifier) -> None:
    danger, wages, greeting = classifier.predict(
        ["我已经写好遗书了，今晚就走，不想再活下去", "打暑假工老板不发工资怎么办", "你好呀，在吗"]
    )
    assert danger.escalate_score > 0.9
    assert danger.signal_scores[Signal.SUICIDE] > 0.9
    assert max(wages.category_scores, key=lambda c: wages.category_scores[c]) is Category.LEGAL
    assert max(wages.escalate_score, greeting.escalate_score) < 0.3


TEXTS = st.lists(
    st.text(min_size=1, max_size=40) | st.text("我想死活不累了的他打我", min_size=1, max_size=90), max_size=6
)


@given(text=st.text(min_size=1, max_size=60), neighbours=TEXTS)
@settings(max_examples=40, deadline=None)
def test_an_answer_does_not_depend_on_its_neighbours(
    classifier: OnnxClassifier, text: str, neighbours: list[str]
) -> None:
    [alone] = classifier.predict([text])
    crowd = classifier.predict([*neighbours, text, "一段长得多的话，用来让这一批里有很多填充。" * 5])
    np.testing.assert_allclose(numbers(crowd[len(neighbours)]), numbers(alone), atol=1e-4)


def test_any_string_gets_finite_scores(classifier: OnnxClassifier) -> None:
    hostile = ["", "\x00", "\ud800", "😭" * 500, "a" * 20_000, "\u202e倒", "e\u0301" * 300, "𠝹手"]
    for prediction in classifier.predict(hostile):
        assert np.isfinite(numbers(prediction)).all()


def test_vectors_have_length_one_and_do_not_depend_on_neighbours(classifier: OnnxClassifier) -> None:
    texts = ["他们天天堵我打我", "学费交不起，想申请助学金", "今天上了数学课和体育课，晚饭吃了面。" * 60, ""]
    together = classifier.embed(texts)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-5)
    for text, vector in zip(texts, together, strict=True):
        np.testing.assert_allclose(classifier.embed([text])[0], vector, atol=1e-4)


def test_texts_that_tell_of_the_like_are_nearer(classifier: OnnxClassifier) -> None:
    bullied, beaten_too, grant = classifier.embed(
        ["他们天天堵我打我", "宿舍几个人每晚都打我，还不让我说", "学费交不起，想申请助学金"]
    )
    assert bullied @ beaten_too > bullied @ grant + 0.2


def test_a_third_person_is_told_from_the_writer(classifier: OnnxClassifier) -> None:
    own, friend = classifier.predict(["我不想活了，遗书写好了", "我同桌说她不想活了，遗书都写好了"])
    assert own.subject_scores[Subject.SELF] > 0.5
    assert friend.subject_scores[Subject.OTHER] > 0.5


def test_a_sign_late_in_a_long_text_is_read(classifier: OnnxClassifier) -> None:
    filler = "今天上了数学课和体育课，晚饭吃了面，作业不多。" * 30
    long, plain = classifier.predict([filler + "我已经写好遗书了，今晚就走。" + filler, filler + filler])
    assert long.escalate_score > plain.escalate_score + 0.3


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "copied"
    shutil.copytree(default_artefact(), folder)
    return folder


def test_a_missing_artefact_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match=r"no manifest\.json"):
        load_classifier(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "ngrams.npz", "calibration.json"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ArtefactError, match=f"{name} is missing"):
        load_classifier(copy)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "calibration.json"])
def test_a_corrupt_file_is_named(copy: Path, name: str) -> None:
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ArtefactError, match=f"{name} does not match its hash"):
        load_classifier(copy)


def edit_manifest(folder: Path, **changes: object) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(json.dumps(manifest | changes), encoding="utf-8")


def rehash(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    files = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    edit_manifest(folder, files={**files, name: hashlib.sha256(content).hexdigest()})


def test_an_artefact_for_other_labels_is_refused(copy: Path) -> None:
    labels = json.loads((copy / "labels.json").read_text(encoding="utf-8"))
    labels["signals"].remove("fraud")
    rehash(copy, "labels.json", json.dumps(labels).encode())
    with pytest.raises(ArtefactError, match="another label scheme"):
        load_classifier(copy)


def test_a_graph_that_does_not_load_is_refused(copy: Path) -> None:
    rehash(copy, "model.onnx", b"not a graph")
    with pytest.raises(ArtefactError, match="cannot be loaded"):
        load_classifier(copy)


def test_a_manifest_without_sizes_is_refused(copy: Path) -> None:
    edit_manifest(copy, max_tokens=None)
    with pytest.raises(ArtefactError, match="manifest lacks"):
        load_classifier(copy)

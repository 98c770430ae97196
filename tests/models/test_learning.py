import random
from dataclasses import replace
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.batching import Batcher, collate, encode_targets, truncate_middle
from models.data import DataChangedError, check_same_folds
from models.example import NO_SIGNAL, Example, Fold, fold_of, full_labels
from models.graph import build_graph
from models.grouping import group_near_duplicates
from models.loss import agreement_loss, joint_loss
from models.network import LOGITS, NetworkConfig, TriageNetwork, slice_heads
from models.perturb import KINDS, surround
from models.settings import TrainingConfig
from models.train import ask_teacher, cut_layers, measure_loss
from models.vocabulary import SPECIAL, make_tokenizer
from triage.classifier.calibration import (
    CATEGORY_OUTPUTS,
    LEVEL_OUTPUTS,
    NETWORK_OUTPUTS,
    SIGNAL_OUTPUTS,
    SUBJECT_OUTPUTS,
)
from triage.labels import Category, RiskLevel, Signal, Subject

CONFIG = NetworkConfig(pieces=40, hidden=24, heads=3, intermediate=48, layers=2, positions=16, epsilon=1e-6)


def example(text: str, group: str = "g", **labels: Any) -> Example:
    return Example(id=text, text=text, source="test", group=group, **({**NO_SIGNAL, **labels}))


@pytest.fixture
def network() -> TriageNetwork:
    torch.manual_seed(1)
    return TriageNetwork(CONFIG).eval()


@pytest.mark.parametrize(("quantized", "tolerance"), [(False, 1e-5), (True, 0.05)])
def test_the_graph_repeats_the_network(network: TriageNetwork, quantized: bool, tolerance: float) -> None:
    ids, mask = collate([[0, 5, 9, 2], [0, 7, 2], list(range(16))], pad=1)
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    graph = build_graph(weights, CONFIG, quantized=quantized).SerializeToString()
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    found, vectors = session.run(["logits", "vector"], {"ids": ids.numpy(), "mask": mask.numpy()})
    with torch.no_grad():
        np.testing.assert_allclose(found, network(ids, mask).numpy(), atol=tolerance)
        pooled = torch.nn.functional.normalize(network.pool(ids, mask), dim=-1)
        np.testing.assert_allclose(vectors, pooled.numpy(), atol=tolerance)


def test_learning_and_service_know_the_outputs_by_the_same_order() -> None:
    places = {name: head.tolist()[0] for name, head in slice_heads(torch.arange(LOGITS)[None]).items()}
    row = np.arange(LOGITS)
    assert NETWORK_OUTPUTS == LOGITS
    assert places == {
        "category": row[CATEGORY_OUTPUTS].tolist(),
        "signals": row[SIGNAL_OUTPUTS].tolist(),
        "levels": row[LEVEL_OUTPUTS].tolist(),
        "subject": row[SUBJECT_OUTPUTS].tolist(),
        "escalate": [LOGITS - 1],
    }


def test_padding_changes_nothing(network: TriageNetwork) -> None:
    ids, mask = collate([[0, 5, 9, 2], list(range(12))], pad=1)
    with torch.no_grad():
        together, alone = network(ids, mask)[0], network(ids[:1, :4], mask[:1, :4])[0]
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)


def test_unknown_labels_carry_no_loss() -> None:
    unlabelled = Example(id="x", text="x", source="t", group="g", signals={})
    targets = torch.tensor([encode_targets(unlabelled)])
    logits = torch.randn(1, LOGITS, requires_grad=True)
    loss = joint_loss(logits, targets, torch.ones(1))
    loss.backward()
    assert float(loss.detach()) == 0.0
    assert torch.count_nonzero(logits.grad) == 0


def test_a_least_level_is_learned_and_what_lies_above_it_is_not() -> None:
    attempt = Example(id="x", text="x", source="t", group="g", signals={}, least_level=RiskLevel.MODERATE)
    [levels] = slice_heads(torch.tensor([encode_targets(attempt)]))["levels"].tolist()
    assert levels[:2] == [1.0, 1.0]
    assert np.isnan(levels[2:]).all()


@pytest.mark.parametrize(
    ("signals", "subject", "wanted"),
    [
        pytest.param([Signal.SUICIDE], Subject.OTHER, [0.0, 1.0, 0.0], id="another"),
        pytest.param([], Subject.SELF, [0.0, 0.0, 1.0], id="no danger, nobody"),
        pytest.param([Signal.SUICIDE], None, [float("nan")] * 3, id="danger of unknown"),
        pytest.param([Signal.SUICIDE], Subject.NONE, [float("nan")] * 3, id="danger of nobody is no answer"),
    ],
)
def test_the_subject_is_learned_where_it_is_known(
    signals: list[Signal], subject: Subject | None, wanted: list[float]
) -> None:
    told = example("x", **full_labels(signals, RiskLevel.HIGH if signals else RiskLevel.NONE, subject))
    [found] = slice_heads(torch.tensor([encode_targets(told)]))["subject"].tolist()
    np.testing.assert_array_equal(found, wanted)


def test_the_loss_falls_as_answers_get_better() -> None:
    right = example("x", category=Category.LEGAL, **full_labels([Signal.FRAUD], RiskLevel.LOW))
    targets = torch.tensor([encode_targets(right)])
    losses = [float(joint_loss((targets - 0.5) * sure, targets, torch.ones(1))) for sure in (-4, 0, 4)]
    assert losses == sorted(losses, reverse=True)


def test_a_small_network_learns_a_small_task() -> None:
    torch.manual_seed(0)
    network = TriageNetwork(CONFIG)
    danger = example("d", category=Category.PSYCHOLOGY, **full_labels([Signal.SUICIDE], RiskLevel.HIGH))
    calm = example("c", category=Category.OTHER)
    targets = torch.tensor([encode_targets(danger), encode_targets(calm)])
    ids, mask = collate([[0, 5, 6, 2], [0, 8, 9, 10, 2]], pad=1)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    for _ in range(40):
        optimizer.zero_grad()
        joint_loss(network(ids, mask), targets, torch.ones(2)).backward()
        optimizer.step()
    with torch.no_grad():
        escalate = torch.sigmoid(network.eval()(ids, mask)[:, -1])
    assert float(escalate[0]) > 0.9
    assert float(escalate[1]) < 0.1


def test_a_student_begins_as_the_teachers_lower_layers(network: TriageNetwork) -> None:
    student = cut_layers(network, 1)
    assert len(student.layers) == 1
    ids, mask = collate([[0, 5, 9, 2]], pad=1)
    with torch.no_grad():
        lower, upper = network.layers[0], network.layers[1]
        network.layers = torch.nn.ModuleList([lower])
        torch.testing.assert_close(student.eval()(ids, mask), network(ids, mask))
    assert upper is not lower


def test_a_student_learns_its_teachers_answers_where_no_label_is_known(network: TriageNetwork) -> None:
    tokenizer = make_tokenizer([*SPECIAL, "▁", *"今天吃面好累"], np.zeros(11, np.float32) - 1)
    examples = [Example(id=t, text=t, source="t", group=t, signals={}) for t in ("今天好累", "吃面", "好累")]
    with torch.no_grad():
        network.classify.weight.mul_(5)
    taught = ask_teacher(network, tokenizer, [example.text for example in examples])
    student = cut_layers(network, 1).train()
    batcher = Batcher(tokenizer, max_tokens=16, tokens_per_batch=64, taught=taught)
    [batch] = batcher.batches(examples, rng=random.Random(0))
    optimizer = torch.optim.Adam(student.parameters(), lr=3e-3)
    losses = []
    for _ in range(60):
        loss = measure_loss(student, batch, teaching_share=1.0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0]
    assert batch.taught is not None
    with torch.no_grad():
        gap = torch.sigmoid(student.eval()(batch.ids, batch.mask)) - torch.sigmoid(batch.taught)
    assert float(gap[:, -1].abs().max()) < 0.1


@given(st.text("我今天不想上学，好累。a1😭", min_size=1, max_size=60), st.integers(0, 99))
@settings(max_examples=80, deadline=None)
def test_every_disguise_is_repeatable_and_total(text: str, seed: int) -> None:
    for kind in KINDS:
        assert kind(text, random.Random(seed)) == kind(text, random.Random(seed))


def test_chatter_surrounds_and_keeps_the_text() -> None:
    chatter = ["今天吃了面", "晚上看球", "作业写完了"]
    for seed in range(30):
        longer = surround("正文在这里", chatter, random.Random(seed))
        assert "正文在这里" in longer
        assert len(longer) > len("正文在这里")


@given(st.lists(st.integers(4, 30), max_size=40), st.integers(2, 20))
def test_truncation_keeps_both_ends(ids: list[int], limit: int) -> None:
    cut = truncate_middle(ids, limit)
    assert len(cut) == min(len(ids), limit)
    if ids:
        assert (cut[0], cut[-1]) == (ids[0], ids[-1])


def test_an_epoch_holds_every_example_once_and_repeats_with_its_seed() -> None:
    tokenizer = make_tokenizer([*SPECIAL, "▁", *"今天吃面好累"], np.zeros(11, np.float32) - 1)
    batcher = Batcher(tokenizer, max_tokens=8, tokens_per_batch=24, perturb_share=0.5)
    examples = [example("今天" * n) for n in range(1, 12)]
    first, second = (batcher.batches(examples, rng=random.Random(3)) for _ in range(2))
    assert sum(len(batch.ids) - len(batch.twins) for batch in first) == len(examples)
    assert all(batch.ids.numel() <= 24 or len(batch.ids) - len(batch.twins) == 1 for batch in first)
    assert all(torch.equal(a.ids, b.ids) for a, b in zip(first, second, strict=True))


def test_a_text_and_its_disguise_stand_together_and_weigh_as_one() -> None:
    tokenizer = make_tokenizer([*SPECIAL, "▁", *"今天吃面好累"], np.zeros(11, np.float32) - 1)
    batcher = Batcher(tokenizer, max_tokens=16, tokens_per_batch=96, perturb_share=1.0)
    told = full_labels([Signal.SUICIDE], RiskLevel.HIGH)
    examples = [example("今天好累", **told), example("吃面", **NO_SIGNAL), example("好累吃面今天", **told)]
    written = {tuple(tokenizer.encode(each.text).ids) for each in examples}
    disguises = 0
    for batch in batcher.batches(examples, rng=random.Random(1)):
        assert len(batch.ids) == 2 * len(batch.twins)
        rows = [tuple(ids[mask.bool()].tolist()) for ids, mask in zip(batch.ids, batch.mask, strict=True)]
        assert all(rows[at] in written for at in batch.twins[:, 0].tolist())
        disguises += sum(rows[at] not in written for at in batch.twins[:, 1].tolist())
        plain, disguised = batch.targets[batch.twins[:, 0]], batch.targets[batch.twins[:, 1]]
        torch.testing.assert_close(plain, disguised, equal_nan=True)
        assert float(batch.weights.sum()) == len(batch.twins)
    assert disguises


def test_a_disguised_text_learns_to_agree_with_the_plain_one_and_not_the_other_way_round() -> None:
    logits = torch.randn(3, LOGITS, generator=torch.Generator().manual_seed(1)).requires_grad_()
    agreement_loss(logits, torch.tensor([[0, 2]])).backward()
    assert logits.grad is not None
    assert torch.count_nonzero(logits.grad[:2]) == 0
    assert torch.count_nonzero(logits.grad[2]) == LOGITS
    same = logits.detach()[[0, 0]]
    gone = logits.detach()[[0, 2]]
    twins = torch.tensor([[0, 1]])
    assert float(agreement_loss(same, twins)) < float(agreement_loss(gone, twins))
    assert float(agreement_loss(gone, twins[:0])) == 0.0


def test_near_paraphrases_share_a_group_and_others_do_not() -> None:
    texts = ["老师我最近总是睡不着怎么办", "老师我最近总是睡不着怎么办呢", "请问周末站点开门吗"]
    groups = [e.group for e in group_near_duplicates([example(t, group=str(i)) for i, t in enumerate(texts)])]
    assert groups[0] == groups[1] != groups[2]


def test_folds_are_stable_and_of_the_asked_size() -> None:
    folds = [fold_of(str(i), seed=7, calibration_share=0.1, test_share=0.2) for i in range(5000)]
    assert folds == [fold_of(str(i), seed=7, calibration_share=0.1, test_share=0.2) for i in range(5000)]
    assert folds.count(Fold.TEST) / 5000 == pytest.approx(0.2, abs=0.03)
    assert folds.count(Fold.CALIBRATION) / 5000 == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize("change", [{"seed": 2}, {"test_share": 0.2}, {"calibration_share": 0.2}])
def test_a_run_split_otherwise_is_no_start(change: dict[str, Any]) -> None:
    config = TrainingConfig(name="x", version="0", seed=1)
    check_same_folds(replace(config, layers=2), config)
    with pytest.raises(DataChangedError):
        check_same_folds(replace(config, **change), config)

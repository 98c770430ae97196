from eval.baselines.ngrams import NgramBaseline
from tests.eval.files import calm_row, danger_row, labelled, samples
from triage.labels import Category, RiskLevel, Signal

DANGER_TEXTS = ["我不想活了", "活着好累，不想活", "真的不想活下去", "夜里总想，不想活了"]
CALM_TEXTS = ["学费怎么申请", "助学贷款找谁办", "学费可以晚交吗", "申请表在哪里领"]


def training() -> NgramBaseline:
    rows = [danger_row(f"d{n}", text=text) for n, text in enumerate(DANGER_TEXTS * 3)]
    rows += [calm_row(f"c{n}", text=text) for n, text in enumerate(CALM_TEXTS * 3)]
    return NgramBaseline(samples(*rows))


def test_learns_every_question_of_the_scheme() -> None:
    danger, calm = training().answer_texts(["我真的不想活了", "学费申请要什么"])
    assert danger.escalate
    assert not calm.escalate
    assert danger.risk_score > 0.5 > calm.risk_score
    assert danger.signals == {Signal.SUICIDE}
    assert calm.signals == frozenset()
    assert (danger.level, calm.level) == (RiskLevel.MODERATE, RiskLevel.NONE)
    assert (danger.category, calm.category) == (Category.PSYCHOLOGY, Category.AID)


def test_script_and_width_are_folded_as_the_service_does() -> None:
    simplified, traditional = training().answer_texts(["学费怎么申请", "學費怎麼申請"])
    assert simplified.risk_score == traditional.risk_score


def test_same_training_same_answers() -> None:
    texts = ["不想活", "领表"]
    assert training().answer_texts(texts) == training().answer_texts(texts)


def test_a_question_with_one_answer_in_training_is_answered_by_its_share() -> None:
    rows = [labelled(f"r{n}", text, escalate=False) for n, text in enumerate(CALM_TEXTS * 2)]
    (answer,) = NgramBaseline(samples(*rows)).answer_texts(["不想活了"])
    assert answer.risk_score == 0.0
    assert not answer.escalate


def test_no_texts() -> None:
    assert training().answer_texts([]) == []

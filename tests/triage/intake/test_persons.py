import pytest

from triage.intake.persons import Mention, People, Person

TEXT = "我弟弟十四岁的妹妹"
PEOPLE = People([Mention(0, 1, Person.SELF), Mention(0, 3, Person.PEER), Mention(7, 9, Person.CHILD)])


@pytest.mark.parametrize(
    ("span", "floor", "owner"),
    [
        pytest.param((3, 6), 0, Person.CHILD, id="right behind"),
        pytest.param((3, 5), 0, Person.PEER, id="last before; the longer reading of 我弟弟"),
        pytest.param((3, 5), 3, None, id="not before the floor"),
        pytest.param((1, 2), 0, Person.PEER, id="around"),
    ],
)
def test_owner(span: tuple[int, int], floor: int, owner: Person | None) -> None:
    assert PEOPLE.owner(TEXT, span, floor=floor) is owner


def test_grown_ups_are_passed_over_for_what_they_cannot_be() -> None:
    people = People([Mention(0, 1, Person.SELF), Mention(1, 2, Person.ADULT)])
    assert people.owner("我妈初三", (2, 4), floor=0) is Person.ADULT
    assert people.owner("我妈初三", (2, 4), floor=0, passing_over_adults=True) is Person.SELF

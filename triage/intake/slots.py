"""What the intake wants to know (槽位), and the values that fill it."""

from dataclasses import dataclass, field
from enum import StrEnum


class Slot(StrEnum):
    """One thing a counsellor needs to know.

    The first ten are what intake is about (``AREA`` is a city or district, ``PLACE`` a spot in it,
    ``TOLD`` whether a grown-up knows); ``WISH`` to ``SAFE`` are the steps of the risk screen, in the
    order of the C-SSRS screener (Posner et al. 2011, Am J Psychiatry 168:1266-1277) and the ASQ (Horowitz
    et al. 2012, Arch Pediatr Adolesc Med 166:1170-1176).
    """

    SPEAKER = "speaker"
    AGE = "age"
    EVENT = "event"
    SINCE = "since"
    AREA = "area"
    PLACE = "place"
    COMPANY = "company"
    HELP = "help"
    CONTACT = "contact"
    TOLD = "told"
    WISH = "wish"
    THOUGHTS = "thoughts"
    METHOD = "method"
    INTENT = "intent"
    PLAN = "plan"
    ACT = "act"
    SAFE = "safe"


class Speaker(StrEnum):
    """Who writes: the young person, a peer who worries about another, or a parent or teacher."""

    SELF = "self"
    PEER = "peer"
    CAREGIVER = "caregiver"


class AgeBand(StrEnum):
    """Age bands (年龄段) of the law: under 14 has stricter protection, 18 is of age."""

    UNDER_14 = "under_14"
    FROM_14_TO_17 = "14_17"
    ADULT = "18_plus"


class Company(StrEnum):
    """Who is with the writer."""

    ALONE = "alone"
    WITH_OTHERS = "with_others"
    WITH_ABUSER = "with_abuser"


class Help(StrEnum):
    """What help is wanted."""

    LISTENING = "listening"
    ADVICE = "advice"
    LEGAL = "legal"
    MATERIAL = "material"
    PERSON = "person"


class YesNo(StrEnum):
    """An answer to a question of the risk screen."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class SlotSource(StrEnum):
    """How a slot was filled: told unasked, told in answer to our question, or the question was declined."""

    STATED = "stated"
    ANSWERED = "answered"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotValue:
    """A filled slot.

    ``value`` is canonical where the slot has an enumeration above (an administrative division's code
    for ``AREA`` where one was recognised), else empty; ``quote`` is verbatim from the original message.
    """

    slot: Slot
    value: str = field(repr=False)
    quote: str = field(repr=False)
    source: SlotSource


class Dialect(StrEnum):
    """The language that the young person writes, and is answered in."""

    MANDARIN = "zh"
    CANTONESE = "yue"

"""The words of the field, as types: nothing here computes a statistic and nothing here reads a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class ExploitationType(StrEnum):
    """The harm: child sexual exploitation or child criminal exploitation."""

    CSE = "CSE"
    CCE = "CCE"

    @property
    def label(self) -> str:
        """The harm in full, in lower case, for a sentence."""
        return {"CSE": "child sexual exploitation", "CCE": "child criminal exploitation"}[self]


class Measure(StrEnum):
    """What a published series counts, by the names that the evidence uses."""

    ASSESSMENT_EPISODES = "assessment_factor_episodes"
    TRAFFICKING_EPISODES = "trafficking_factor_episodes"
    GANGS_EPISODES = "gangs_factor_episodes"
    GOING_MISSING_EPISODES = "going_missing_factor_episodes"
    ANY_FACTOR_EPISODES = "any_factor_episodes"
    REFERRALS = "referrals"

    @property
    def label(self) -> str:
        """The measure as a row of a table names it."""
        return _MEASURE_LABELS[self]

    @property
    def factor(self) -> str:
        """The factor alone, such as `Going missing`."""
        return self.label.removeprefix("Assessments that recorded ").capitalize()


_MEASURE_LABELS = {
    Measure.ASSESSMENT_EPISODES: "Assessments that recorded exploitation",
    Measure.TRAFFICKING_EPISODES: "Assessments that recorded trafficking",
    Measure.GANGS_EPISODES: "Assessments that recorded gangs",
    Measure.GOING_MISSING_EPISODES: "Assessments that recorded going missing",
    Measure.ANY_FACTOR_EPISODES: "Assessments with any factor recorded",
    Measure.REFERRALS: "Referrals to services",
}
RELATED_FACTORS = (Measure.GOING_MISSING_EPISODES, Measure.GANGS_EPISODES, Measure.TRAFFICKING_EPISODES)


class MissingCode(StrEnum):
    """Why there is no number. Five different things; none of them is zero.

    The symbols are those of the Department for Education's *Children in need* release and of the
    Government Analysis Function's guidance on symbols in tables.
    """

    SUPPRESSED = "c"
    NOT_AVAILABLE = "x"
    NOT_APPLICABLE = "z"
    LOW_RELIABILITY = "u"
    ROUNDS_TO_ZERO = "low"
    BELOW_HALF = "k"
    NOT_RECORDED = ":"

    @property
    def meaning(self) -> str:
        """What the symbol tells a reader, as a phrase."""
        return _MISSING_MEANINGS[self]


_MISSING_MEANINGS = {
    MissingCode.SUPPRESSED: "withheld so that no child can be identified",
    MissingCode.NOT_AVAILABLE: "not available: not collected for this period",
    MissingCode.NOT_APPLICABLE: "not applicable",
    MissingCode.LOW_RELIABILITY: "withheld by its publisher as not reliable",
    MissingCode.ROUNDS_TO_ZERO: "rounds to zero, but is not zero",
    MissingCode.BELOW_HALF: "less than half of the unit shown",
    MissingCode.NOT_RECORDED: "not recorded",
}


class RiskMeasure(StrEnum):
    """What is counted of children under review, from case-level records."""

    THREE_MONTHS_LATER = "level_3_months_later"
    TWELVE_MONTHS_LATER = "level_12_months_later"
    ASSESSED = "children_assessed"
    RAISED = "children_raised"
    LOWERED = "children_lowered"
    RAISED_AGAIN_WITHIN_6_MONTHS = "children_raised_again_within_6_months"
    RAISED_AGAIN_WITHIN_12_MONTHS = "children_raised_again_within_12_months"
    REVIEW_OVERDUE = "children_whose_review_is_overdue"


class ProfileMeasure(StrEnum):
    """What a problem profile counts of recorded offences, beside the offences themselves."""

    VICTIMS = "offence_victims"
    REPEAT_VICTIMS = "repeat_offence_victims"
    VICTIMS_MISSING = "offence_victims_with_missing_episodes"
    SUSPECTS = "offence_suspects"
    REPEAT_SUSPECTS = "repeat_offence_suspects"
    GROUP_OFFENCES = "group_based_offences"
    GROUPS = "offending_groups"
    POSITION_OF_TRUST = "position_of_trust_offences"
    VICTIMS_LATER_SUSPECTS = "victims_later_suspects"
    TARGETED_GROUPS = "targeted_groups"
    ORGANISED_GROUPS = "organised_groups"


NEW, RETURNING, LEFT, ANOTHER_SCHEME = "new", "returning", "left", "another scheme"
"""Where a child under review came from or went to, beside the levels of the scheme: not under review before; under
review before, and left since; left; assessed by another scheme, whose levels cannot be compared."""

ALL_LEVELS = "all"
"""Every level that a child came from, or went to."""


class PeerBasis(StrEnum):
    """What makes a group of authorities that another is compared with."""

    AUTHORITIES = "authorities"
    NEIGHBOURS = "statistical neighbours"


class RecordingFlag(StrEnum):
    """Why a published figure may not be what it seems. A flag is a question to the publisher, not a finding."""

    IMPLAUSIBLE_ZERO = "implausible zero"
    NEVER_RECORDED = "never recorded"
    EQUAL_SERIES = "equal to its sibling series"
    OFFSETTING_MOVE = "offsetting move"
    JUMP = "jump"
    KNOWN_BREAK = "known break"


class Unit(StrEnum):
    """What one is counted. Counts of different units are never added."""

    EPISODE = "episode"
    CHILD = "child"
    OFFENCE = "offence"
    VICTIM = "victim"
    EVENT = "event"
    REFERRAL = "referral"
    INCIDENT = "incident"
    GROUP = "group"
    PERSON = "person"
    PERSON_TRAINED = "person trained"
    SESSION = "session"
    ORGANISATION = "organisation"
    POST = "post"
    PER_CENT = "per cent"
    POUND = "pound"
    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    OTHER = "other"


class ProvisionTier(StrEnum):
    """How early a service reaches a child: primary, secondary and tertiary in some sources' words."""

    UNIVERSAL = "universal"
    TARGETED = "targeted"
    SPECIALIST = "specialist"


class FundingStatus(StrEnum):
    """How firmly a service is paid for in an area, from the firmest to none."""

    COMMISSIONED = "commissioned"
    SERVICE_LEVEL_AGREEMENT = "service level agreement"
    SPOT_PURCHASE = "spot purchase"
    NOT_STATED = "not stated"
    NONE = "none"


class AreaType(StrEnum):
    """The kinds of place that evidence is about."""

    LOCAL_AUTHORITY = "local authority"
    REGION = "region"
    COUNTRY = "country"
    POLICE_FORCE_AREA = "police force area"
    COMMUNITY_SAFETY_PARTNERSHIP = "community safety partnership"


class Verdict(StrEnum):
    """A comparison in words. Never better or worse: a low record is not reassurance."""

    LOWER = "Lower"
    SIMILAR = "Similar"
    HIGHER = "Higher"
    CANNOT_TELL = "Cannot tell"


@dataclass(frozen=True, order=True)
class Period:
    """An inclusive span of days, `start` to `end`.

    Raises ValueError when `end` is before `start`.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a period ends on or after the day it starts, got: {self.start} to {self.end}")

    @property
    def days(self) -> int:
        """Days in the period, both ends counted."""
        return (self.end - self.start).days + 1

    @property
    def years(self) -> float:
        """Length in years of 365.25 days, for rates per year of exposure."""
        return self.days / 365.25

    def contains(self, day: date) -> bool:
        """Whether `day` falls in the period."""
        return self.start <= day <= self.end

    def __str__(self) -> str:
        next_day = self.end + timedelta(days=1)
        if (next_day.day, next_day.month) == (
            self.start.day,
            self.start.month,
        ) and next_day.year == self.start.year + 1:
            return f"year ending {in_words(self.end)}"
        return f"{in_words(self.start)} to {in_words(self.end)}"


class Dimension(StrEnum):
    """By what a board asks for records to be broken down: one at a time, never crossed."""

    HARM = "harm"
    AGE = "age"
    SEX = "sex"
    ETHNICITY = "ethnicity"
    REFERRER = "referrer"
    ACCEPTED = "accepted"
    HOME = "home area"
    ONLINE = "online"
    FIRST_REVIEW = "first review"


ALL_CATEGORIES = "all"
"""The sum of the categories of a dimension, where no other table has it."""

RECORD_HAS_NONE = "not recorded"
"""The category of records that do not say."""

ETHNIC_GROUPS = (
    "Asian or Asian British",
    "Black or Black British",
    "Mixed or multiple ethnic groups",
    "White",
    "Other ethnic group",
)
"""The five broad groups of the Census 2021 of England and Wales in its order, with shorter names for the first three
(Office for National Statistics)."""

CATEGORIES: dict[Dimension, tuple[str, ...]] = {
    Dimension.HARM: ("CSE only", "CCE only", "both CSE and CCE"),
    Dimension.AGE: (
        "aged 0 to 9",
        "aged 10 to 12",
        "aged 13 to 15",
        "aged 16 to 17",
        "aged 18 and over",
        RECORD_HAS_NONE,
    ),
    Dimension.SEX: ("female", "male", "another or not recorded"),
    Dimension.ETHNICITY: (*ETHNIC_GROUPS, RECORD_HAS_NONE),
    Dimension.REFERRER: ("council", "school", "police", "health", "child or family", "another", RECORD_HAS_NONE),
    Dimension.ACCEPTED: ("accepted", "not accepted", RECORD_HAS_NONE),
    Dimension.HOME: ("in this area", "elsewhere in the force", "outside the force", RECORD_HAS_NONE),
    Dimension.ONLINE: ("online", "not online", RECORD_HAS_NONE),
    Dimension.FIRST_REVIEW: (
        "within 7 days",
        "in 8 to 28 days",
        "in 29 to 91 days",
        "after 91 days",
        "no review on record",
    ),
}
"""The categories of each dimension, in the order in which they are always shown: never by their counts."""

PER = 10_000
"""Rates are per this many resident children a year."""

ALL_RESIDENCES = "all"
"""The residence group of a snapshot that is not split."""

TIER_NOT_STATED = "not stated"
"""Stands for a provision tier where no source places the service."""

WHOLE, PART, WITH_CONDITION, AGES_NOT_STATED = "whole band", "part of the band", "with a condition", "ages not stated"
"""How much of an age band a service accepts."""

PERCENTAGE_FLOOR = 20
"""The smallest base on which a percentage is stated: one more event must not move it by more than 5 points."""


def in_words(day: date) -> str:
    """A day as an English reader writes it: `1 April 2024`."""
    return f"{day.day} {day:%B %Y}"


class NeedBasis(StrEnum):
    """What the need for services is read from. Each has its own unit, and figures of the two are never added."""

    UNDER_REVIEW = "children under review"
    ASSESSMENTS = "assessments in a year"


class PlacesBasis(StrEnum):
    """What a service's places are known from, from the firmest to none."""

    STATED = "places stated"
    STAFF = "staff and caseload norm"
    CASELOAD = "reported caseload"
    NOT_KNOWN = "not known"


class CutKind(StrEnum):
    """What keeps need from being met, whoever gets the places."""

    NO_SERVICE = "no commissioned service"
    TOO_FEW_PLACES = "too few places"


class CoverageChange(StrEnum):
    """A change to one service whose effect on the gap is worked out."""

    TEN_MORE_PLACES = "ten more places"
    CONTRACT_ENDS = "contract ends without extension"
    VACANCIES_FILLED = "vacancies filled"
    OPENED_TO_AGES = "opened to further ages"


class CostPer(StrEnum):
    """What the cost of a service is divided by."""

    PLACE = "place"
    CHILD_SUPPORTED = "child supported in a year"
    CHILD_REACHED = "child reached"
    CHILD_AT_ITS_LEVELS = "child at a risk level it takes"
    NEED_MET = "need met"


class Grounds(StrEnum):
    """Why a service counts as paid for on a day: its contract runs, a source states the days, or a source of that day
    describes it."""

    CONTRACT = "contract"
    TERM_STATED = "term stated"
    DESCRIBED = "described"


COMMISSIONED_STATUSES = (FundingStatus.COMMISSIONED, FundingStatus.SERVICE_LEVEL_AGREEMENT)
"""What counts as commissioned where places are counted: one place bought at a time is no place to rely on."""

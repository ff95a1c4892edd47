"""What the made-up records are made from: every number, with its unit and its reason.

"Assumption" marks a number that no source gives: it is chosen to make a plausible demonstration, and nothing may be
concluded from it.
"""

from __future__ import annotations

from datetime import date

from needs_assessment.vocabulary import ExploitationType

CSE, CCE = ExploitationType.CSE, ExploitationType.CCE

SEED = 20250331
"""The seed that is used where none is given."""

FIRST_QUARTER = date(2023, 4, 1)
"""First day of the first quarter: with eight quarters, the years ending 31 March 2024 and 2025."""

QUARTERS = 8
"""Quarters in the period."""

LEAD_IN_QUARTERS = 20
"""Quarters simulated before the first, so that the caseload and repeat referrals have settled when it begins: one case
in a hundred lasts as long."""

REFERRALS_PER_EPISODE = 0.5
"""Referrals to services per assessment episode with the factor. Assumption: half of those identified are referred."""

QUARTER_WEIGHTS = {4: 1.08, 7: 0.76, 10: 1.08, 1: 1.08}
"""Referrals of a quarter as a multiple of the mean quarter, by the month it starts in; the mean is 1. Six of the
thirteen weeks of July to September are school holiday, and fewer referrals are expected (West Mercia commissioning
report, Q2 2022-23). Assumption: about half as many in those weeks."""

AGE_WEIGHTS = {
    CSE: {8: 1, 9: 1, 10: 2, 11: 5, 12: 9, 13: 16, 14: 21, 15: 21, 16: 15, 17: 9},
    CCE: {8: 1, 9: 1, 10: 2, 11: 4, 12: 7, 13: 12, 14: 18, 15: 21, 16: 20, 17: 14},
}
"""First referrals by age in completed years, per 100. Assumption; CCE is older and mostly 14 to 17, the typical
age of CLIMB's clients (West Mercia commissioning report, Q2 2022-23)."""

SEX_WEIGHTS = {
    CSE: {"female": 80, "male": 18, "another or not recorded": 2},
    CCE: {"female": 18, "male": 80, "another or not recorded": 2},
}
"""Children by recorded sex, per 100. Assumption; CLIMB's typical client is male (the same report)."""

ETHNICITY_WEIGHTS = {
    "Asian or Asian British": 10,
    "Black or Black British": 6,
    "Mixed or multiple ethnic groups": 6,
    "White": 62,
    "Other ethnic group": 3,
    "not recorded": 13,
}
"""Children by recorded ethnic group, per 100, in the broad groups of the Census 2021. Assumption: the same for every
area and both harms, so that nothing can be read from it, with some not recorded."""

REFERRER_WEIGHTS = {
    "local authority panel": 38,
    "school": 20,
    "police": 20,
    "health": 9,
    "family": 8,
    "self-referral": 5,
}
"""Referrals by kind of referrer, per 100. Assumption; the kinds are those that the commissioners' reports name."""

ACCEPTED_SHARE = 0.85
"""Share of referrals that the service accepts; the others close on the day they are received. Assumption."""

REPEAT_SHARE = 0.15
"""Share of referrals that are of a child referred before whose case has closed. Assumption."""

RESIDENT_SHARE = 44 / 56
"""Share of children who live in the area. Of 56 children assessed in Derbyshire in November 2018, 12 lived out of force
(Derbyshire PCC decision 71/2019). Assumption: the same share holds for one local authority."""

NEIGHBOUR_SHARE = 0.5
"""Share of the children from elsewhere who live in one of the named neighbours, where any is named. Assumption."""

SCHEME = "Synthetic scheme"
"""Name of the made-up risk scheme: no police force or council uses it."""

LEFT = "left"
"""The state of a child who has left the caseload. Not a risk level."""

LEVEL_WEIGHTS = {"low": 44, "medium": 34, "high": 22}
"""Children by risk level at referral, per 100. Medium to high as 34 to 22, Derbyshire in November 2018 (the same
decision); the share at low was not published: assumption."""

TRANSITIONS_PER_YEAR = {
    "low": {"medium": 0.50, LEFT: 1.60},
    "medium": {"low": 1.00, "high": 0.45, LEFT: 0.70},
    "high": {"medium": 1.30, LEFT: 0.30},
}
"""Moves per child and year (of 365.25 days) from a level to the next, and out of the caseload: a continuous-time
Markov chain. Assumption, set so that the mean time in service is 1.06 years ("just over a year", West Mercia
commissioning report, Q2 2022-23)."""

FIRST_REVIEW_DAYS = 12
"""Median days from a referral that is accepted to the first review. Assumption."""

FIRST_REVIEW_SPREAD = 1.0
"""Standard deviation of the logarithm of those days, which are lognormal. Assumption: of the children who stay,
eight in ten are first reviewed within 28 days and one in fifty after 91; about one in twenty leaves before."""

REVIEW_INTERVAL_DAYS = 91
"""Mean days between reviews: the risk framework SERAF asks for one at least every three months."""

REVIEW_INTERVAL_SHAPE = 9
"""Shape of the gamma distribution of those intervals: a standard deviation of a third of the mean. Assumption."""

OFFENCES_PER_EPISODE = {CSE: 1 / 24, CCE: 1 / 48}
"""Recorded offences per assessment episode. CSE: one offence in the police's 12-month profile (West Mercia Police,
scrutiny paper of 27 May 2025) beside 24 episodes in Herefordshire, year ending 31 March 2025 (Department for Education,
table C3). CCE: assumption, half of it."""

OFFENCE_CODE_WEIGHTS: dict[ExploitationType, dict[str | None, float]] = {CSE: {"71": 70, "88A": 30}, CCE: {None: 100}}
"""Offences by Home Office code, per 100: 71 abuse of children through sexual exploitation, 88A sexual grooming. The
split is an assumption. Blank for CCE: "not yet a specifically recordable offence" (the same paper)."""

SAME_EVENT_SHARE = 0.3
"""Share of offences that belong to the event of the offence before. Assumption; the same paper has two events of three
victims each."""

SUSPECT_KNOWN_SHARE = 0.8
"""Share of events with a suspect on record. Assumption."""

ANOTHER_SUSPECT_SHARE = 0.4
"""Share of the further offences of an event, where its suspect is on record, that are by another suspect than its
first: such an event is group-based. Assumption."""

REPEAT_SUSPECT_SHARE = 0.15
"""Share of suspects of an event who are on record for an earlier one of the area and harm, where anybody is.
Assumption; the same paper finds no repeat perpetrator in Herefordshire."""

VICTIM_LATER_SUSPECT_SHARE = {CSE: 0.05, CCE: 0.15}
"""Share of suspects who stand in the records as victims of an earlier day, where anybody does. Assumption: rare, and
less so where children are made to commit crimes."""

REPEAT_VICTIM_SHARE = 0.1
"""Share of offences whose victim is that of an earlier event, where there is any. Assumption; the same paper finds no
repeat victim in Herefordshire."""

TARGETED_GROUP_SHARE = 0.3
"""Share of events whose victims are known to have been targeted in a school, home or social group. Assumption."""

SAME_TARGETED_GROUP_SHARE = 0.5
"""Share of those events in which it is a group that was targeted before, where there is any. Assumption."""

ORGANISED_GROUP_SHARE = {CSE: 0.08, CCE: 0.35}
"""Share of suspects who belong to a mapped organised crime group. Assumption: county lines are run by such groups."""

SAME_ORGANISED_GROUP_SHARE = 0.6
"""Share of those suspects whose group is on record for another suspect, where any is. Assumption."""

ONLINE_SHARE = {CSE: 0.45, CCE: 0.15}
"""Share of events of which any part was online. Assumption; the one CSE offence of Herefordshire was online."""

POSITION_OF_TRUST_SHARE = {CSE: 0.05, CCE: 0.01}
"""Share of events whose suspect held a position of trust. Assumption: rare; the same paper has three offences in the
whole of West Mercia."""

VICTIM_MISSING_SHARE = 0.3
"""Share of victims who had been reported missing before. Assumption."""

"""The fixed words of the problem profile: what is counted, how, and what that cannot see."""

from __future__ import annotations

from needs_assessment.area_view.profile import OFFENCES, OFFENCES_ONLINE, Topic
from needs_assessment.vocabulary import ProfileMeasure, ProvisionTier

WORDS = {
    "police_recorded_offences": "offences recorded by the police",
    "police_recorded_offences_committed_online": "offences committed online",
    "group_based_incidents": "group-based incidents",
    "incidents_by_group_of_two_or_more_offenders": "incidents by a group of two or more offenders",
    "offences_in_position_of_trust_with_educational_links": "offences in a position of trust with educational links",
    OFFENCES: "offences recorded",
    OFFENCES_ONLINE: "offences of which any part was online",
    ProfileMeasure.VICTIMS: "victims",
    ProfileMeasure.REPEAT_VICTIMS: "victims in two or more events",
    ProfileMeasure.VICTIMS_MISSING: "victims who had been reported missing",
    ProfileMeasure.SUSPECTS: "suspects",
    ProfileMeasure.REPEAT_SUSPECTS: "suspects in two or more events",
    ProfileMeasure.GROUP_OFFENCES: "offences joined to two or more suspects",
    ProfileMeasure.GROUPS: "groups of two or more suspects so joined",
    ProfileMeasure.POSITION_OF_TRUST: "offences in a position of trust",
    ProfileMeasure.VICTIMS_LATER_SUSPECTS: "victims who are suspects of a later offence",
    ProfileMeasure.TARGETED_GROUPS: "schools, homes or social groups with two or more victims",
    ProfileMeasure.ORGANISED_GROUPS: "organised groups behind the offences",
}
"""What a measure counts, where its name does not say it."""

RULES = {
    Topic.SCALE: (
        "No offence code stands for child exploitation, so these are the offences that somebody recognised as such."
    ),
    Topic.ONLINE: "An offence counts as online where any part of it was.",
    Topic.GROUPS: (
        "In records, offences are joined when they share a suspect, a victim or an event, and so are those joined to "
        "them; where two or more different suspects stand in what is joined, all its offences are group-based. One "
        "victim of two suspects who never met joins them too, and offences without a known suspect join nobody: a "
        "group here is a reason to look, and none is no proof that offenders act alone."
    ),
    Topic.REPEAT_VICTIMS: "In records, a repeat is two or more events; several offences in one event are none.",
    Topic.REPEAT_SUSPECTS: (
        "In records, a repeat is two or more events: an event with several victims is none. Only suspects whom the "
        "police identified can be seen to repeat."
    ),
    Topic.POSITION_OF_TRUST: "Such as a teacher, a coach or a youth worker, where the record says so.",
    Topic.VICTIMS_MISSING: (
        "In records, a victim counts where any of the offences says that the victim had been reported missing. Going "
        "missing is a sign to look at; children who are never reported missing are not in it."
    ),
    Topic.LATER_SUSPECTS: (
        "In records, a victim counts who is the suspect of an offence recorded later. Such a child is first of all a "
        "victim: coercion into offending is part of exploitation."
    ),
    Topic.TARGETED_GROUPS: "In records, a school, home or social group counts in which two or more victims were.",
    Topic.ORGANISED_GROUPS: "Groups that the police have mapped; a group that nobody mapped is not in it.",
}
"""How each heading is counted, and what that cannot see."""

SOME, NONE_RECORDED = "Some recorded", "None recorded"
LINKED = "_linked_to_"
"""Stands in the name of a count that is of another count: where that is none, this cannot be some."""
TIERS = {
    ProvisionTier.UNIVERSAL: "Primary (universal), which prevents",
    ProvisionTier.TARGETED: "Secondary (targeted), for children with early signs or known vulnerabilities",
    ProvisionTier.SPECIALIST: "Tertiary (specialist), for children who are exploited",
}
NONE_NOTE = (
    "None recorded means that nothing was recognised and recorded under the heading, not that nothing was there."
)
METHODS = {
    "The period": (
        "Counts are of the days that a source covers. From records, years ending 31 March are counted; where a source "
        "says that it covers no whole year, its own first and last day stand instead. Where children's numbers are "
        "known, rates are per 10,000 children and year of exposure, with exact limits for chance."
    ),
    "Each harm and each source alone": (
        "Sexual and criminal exploitation are counted apart, and so is each source: nothing here is added up. A count "
        "of the police force area is the sum of its authorities, and a person or group known to two of them is in it "
        "twice."
    ),
    "None recorded": NONE_NOTE,
    "Not supplied": "No source supplied states it. That is not the same as none.",
    "Withheld [c]": (
        "Small counts from records that are not published are withheld, and others from which one could be worked out."
    ),
}

"""The fixed words of every report: cautions, notes, definitions. What depends on a number comes from `narrative`."""

from __future__ import annotations

READ_THIS_FIRST = (
    "These figures count what was noticed, reported and written down. They rise when practitioners look harder "
    "and fall when nobody asks. "
    "They do not count children whom no one has seen, they do not show where exploitation happens, and figures "
    "from different sources count "
    "different things and are never added together. One assessment can record both sexual and criminal exploitation."
)
LIMITS_NOTE = (
    "The limits of a rate allow for chance alone. Higher and Lower allow for more: for how much authorities usually "
    "differ in what they notice and record as well as in need. Either is a reason to ask, not an answer."
)
FUNNEL_NOTE = (
    "Each dot is an authority of this release; the download has them all, and zeros that cannot be relied on are left "
    "out. Outside the 95% limits is Higher or Lower. The limits follow the formula of official statistics; in "
    "simulated countries without one unusual authority about 15 in 100 lay outside them. So being outside is a reason "
    "to ask, and no finding."
)
POOLED_NOTE = (
    "A pooled rate is the recorded rate drawn towards that of the statistical neighbours, the more so the fewer "
    "assessments there are: it steadies the figures of small places, and never replaces what was recorded."
)
QUARTERS_NOTE = "Each quarter stands beside the same quarter a year before, so that seasons cannot look like a change."
SEASONS_NOTE = (
    "Referrals come from adults who see children: where fewer school days fall, fewer referrals may mean that fewer "
    "children were seen."
)
NOT_NEED = (
    "They count what was noticed and recorded, not what happened. A low number can mean little exploitation, or that "
    "little of it is seen: no table here can tell which."
)
NOT_CHILDREN = (
    "They count assessments, not children. One assessment can record both harms, a child can be assessed more than "
    "once, and several agencies can know the same child: figures of different rows or sources are never added."
)
REGISTER_NOTE = (
    "A service stands here because a source supplied for this report describes it. A service that no source "
    "describes is missing from the table, "
    "which does not mean that it does not exist."
)
NONE_FOUND_NOTE = (
    "None found means that no service for those ages and that tier is described by the sources supplied. It is "
    "a question for commissioners, "
    "not proof of a gap."
)
YOUNG_ADULTS_NOTE = "Ages 18 to 24 are shown because some services go on for young people with an additional need."
AGES_UNKNOWN_NOTE = (
    "Where a source does not state the ages of a children's service, it is shown against every age under 18."
)
MAP_NOTE = "The map does not show where exploitation happens. It shows which authorities' assessments recorded it."
FACTORS_NOTE = "One assessment can record several factors, so the factors are not added."
NO_BASELINE = "no earlier count was published for this group"
FLAGS_NOTE = (
    "A program looked at every authority's figures for zeros that are hard to believe, figures that repeat each other, "
    "and moves beyond what authorities usually make. It sees figures only: a flagged figure may be right, and a wrong "
    "one may not be flagged."
)
CONTRADICTIONS_NOTE = (
    "Found by comparing the sources with one another and with themselves. Which of two statements is right is for "
    "those who made them to say."
)
INTERVAL_NOTE = (
    "Each withheld count [c] is from 1 to 5, so a sum over withheld counts is given as the least and the most it can "
    "be. Where a count is missing for another reason, only the least is known. One assessment can record both CSE and "
    "CCE: the columns are not added."
)
NEIGHBOURS_NOTE = (
    "The order says how alike the circumstances are, not how much is recorded. A rate marked doubtful may not be what "
    "it seems. Rates differ by recording as well as by need."
)
RATES_NOTE = (
    "0.30 means 30 such moves for every 100 children who stay at the level for a year. The moves are those from one "
    "quarter end to the next; a move back within a quarter is not seen."
)
MODEL_NOTE = (
    "Levels are those of the latest review, which can be months old. In simulations of that, limits twelve months on "
    "held 80 to 95 times in 100 and not always 95: read them as the least that is uncertain."
)
SYNTHETIC_NOTE = (
    "The tables headed Synthetic rest on records that a program made up to show how the report works. They say nothing "
    "about any real place or child."
)

SCENARIO_WORDS = {
    "as now": "If referrals stay as now",
    "20% more referrals": "If referrals rise by 20%",
    "20% fewer referrals": "If referrals fall by 20%",
}
"""The scenarios of a caseload forecast, by their names in the release."""

RISK_METHODS: dict[str, str] = {
    "Children under review": (
        "A child is under review from the first review until the case is closed, at the level of the latest review. "
        "Counts are of quarter ends. A police force area is the sum of its authorities, where all were supplied and "
        "use one scheme."
    ),
    "Moves between risk levels": (
        "Raised and lowered count children with such a review in the year. Shares have Wilson's 95% limits and are "
        "stated of 20 children or more. Moves per child-year are those of the police force area from one quarter end "
        "to the next, divided by the years that children stood at the level, with exact 95% limits."
    ),
    "Chance of each level": (
        "A model (a Markov process in continuous time) in which where a child goes next depends on the present level "
        "alone, fitted to the printed moves between quarter ends in the police force area. A withheld move is taken as "
        "one that may also be a stay. The limits allow for chance."
    ),
    "Caseload forecast": (
        "The children now under review moved on by those chances, with as many newcomers at each level as before, or "
        "more or fewer of them. The limits allow for chance and for what is not known of moves and newcomers. Past "
        "quarters were forecast in the same way and compared with what came."
    ),
}

METHODS: dict[str, str] = {
    "Rate per 10,000 children": (
        "Assessments in the year, divided by the residents aged 0 to 17 at the middle of the year before the "
        "year's end (a year ending in March 2025 "
        "takes the mid-2024 estimate), times 10,000. Where no estimate of ages 0 to 17 was supplied for an area and "
        "year, the single years of age 0 to 17 of one source are added up. It counts assessments, not children: a "
        "child assessed twice counts twice."
    ),
    "95% limits": (
        "The range within which the rate would lie in 95 of 100 repeats, if only chance were at work. Exact "
        "Poisson limits for counts under 10, "
        "Byar's approximation from 10 (Public Health England technical guide, 2018). Proportions take Wilson's limits."
    ),
    "Judgement": (
        "Higher when the rate lies above the limits around the comparator's rate, Lower when below, Similar within. "
        "The limits allow for chance in a place of that size and for the usual spread between authorities beyond "
        "chance (a funnel with over-dispersion: Spiegelhalter 2005, the outer tenths drawn in; gamma and Poisson "
        "distributions). "
        "They are 95% limits by the formula; in simulated countries without one unusual authority about 15 in 100 lay "
        "outside. Cannot tell when a figure is missing or withheld, when a declared recording break comes before it, "
        "when a zero is implausible or says nothing, or when how much authorities differ is not known."
    ),
    "Statistical neighbours": (
        "Authorities whose children live in the most similar circumstances, as the source of the list chose them. "
        "Expected is the area's children times the neighbours' rate together, with 95% limits that allow for chance "
        "and for how much these authorities differ. Where fewer than 5 have a figure, none is given."
    ),
    "Pooled rate": (
        "The recorded rate and that of the statistical neighbours, each weighted by how much it can be relied on "
        "(empirical Bayes, gamma and Poisson distributions)."
    ),
    "Change in a year": (
        "The rate divided by that of the year before, or of the same quarter a year before, with exact limits. It is "
        "more than usual when it lies outside the range in which 95 of 100 authorities of that size would change, by "
        "chance and by the usual spread of changes. No change is judged across a recording break. A percentage is "
        "given only on a base of 20 or more."
    ),
    "Trend and forecast": (
        "A line through the logarithms of the rates since recording last changed, of at least 5 periods, with "
        "limits widened by as much as such figures usually scatter and move. A forecast carries the last level on, "
        "with limits whose share of hits is counted by forecasting periods already known. A trend is not a cause."
    ),
    "Control chart": (
        "Points beside their own average and the limits within which they would nearly always lie if nothing had "
        "changed. The kind of chart is chosen by how often events come. Limits are called trial limits below 12 points."
    ),
    "What could be noticed": (
        "The smallest ratio to the comparator's rate that would be told from chance 80 times in 100, given the number "
        "of children. Smaller differences can be real and stay unseen."
    ),
    "Change in risk levels": (
        "The later count divided by the earlier, with exact limits: given their total, the later count is "
        "binomial if nothing changed. The p-value is "
        "two-sided by minimum likelihood. A percentage is given only on a base of 20 or more."
    ),
    **RISK_METHODS,
    "Coverage": (
        "For each age band, harm and provision tier: the firmest funding among the services that accept "
        "children of those ages here, on the latest day "
        "that the sources describe. A statement that names the area outranks one made for the whole force. A "
        "statement without an end "
        "date is relied on for two years."
    ),
    "Capacity check": (
        "Little's law: children in support = new referrals a year times years in service, if as many leave as arrive."
    ),
    "Withheld figures": (
        "Figures that are already published are shown as published. Small counts of any other source are withheld, and "
        "so is every other figure from which one of them could be worked out, in this report, in those of other areas "
        "or in earlier ones: from all of these together a withheld small count could still be any number up to the "
        "rule's limit. One symbol stands for both. Everything else is worked out from what is printed."
    ),
}

GLOSSARY: dict[str, str] = {
    "Child sexual exploitation (CSE)": (
        "A form of child sexual abuse: taking advantage of an imbalance of power to coerce, manipulate or "
        "deceive a child under 18 into sexual activity, "
        "in exchange for something, or for the gain of another."
    ),
    "Child criminal exploitation (CCE)": (
        "Coercing, controlling, manipulating or deceiving a child under 18 into criminal activity, "
        "such as carrying drugs."
    ),
    "Assessment": (
        "A children's social care assessment that ended in the year; the factors found are recorded at its end."
    ),
    "Referral": "One request for a service for a child, dated when it was received.",
    "Caseload": "Children open to a service on a date.",
    "Risk level": (
        "The level that practitioners assessed, in the words of the local scheme. "
        "Levels of different schemes are not comparable."
    ),
    "Provision tier": (
        "Universal (primary) work prevents; targeted (secondary) work reaches children with early signs or "
        "known vulnerabilities; specialist (tertiary) work "
        "supports children who are exploited."
    ),
    "Spot purchase": "A place bought for one child at a time; nothing is reserved.",
    "Service level agreement": "A written agreement to fund a service without a competitive contract.",
    "Out of force": "Recorded by the source as outside the police force area.",
    "Statistical neighbours": "Authorities whose children live in the most similar circumstances.",
    "Funnel": (
        "A chart of rates by number of children. Its limits are wide for small places, where chance moves rates most."
    ),
    "Usual": "As most authorities differ or change, by chance and by what they notice and record.",
    "Pooled rate": "A recorded rate steadied by those of similar authorities.",
    "Control chart": "A chart that tells the usual ups and downs from those that ask for a reason.",
    "Back-test": "A forecast made of years that are already known, to see how often its limits held.",
    "Recording break": "A change in how something is recorded: figures before and after it are not comparable.",
}

ACCESSIBILITY = (
    "The page is made to meet WCAG 2.2 at level AA: every chart has alternative text and its figures as a table. "
    "Tell whoever sent you the report if something is hard to use."
)

# The fixed words of the document "Services and coverage".

COVERAGE_FIRST = (
    "Need here is what was recorded, and recorded is not actual: children whom nobody has seen are in no figure, so a "
    "small gap is no reassurance. Need is also not demand: not every child wants or should have a service. A service "
    "whose places are not known is taken to have room for all, so what could not be met is at least the number given. "
    "Where no source states places, the caseload last reported stands for them: how many children a service had, not "
    "how many it could have. If it had room for more, less goes unmet; the sentences say where that is so. A service "
    "that no source supplied describes is missing, which does not mean that it does not exist."
)
HOLES_NOTE = (
    "Commissioned includes services under a service level agreement. Counted are services that support single "
    "children: education, training and advice for many hold no places. A service whose ages or risk levels nobody "
    "states is taken to accept every child under 18."
)
MATRIX_NOTE = "This matrix also shows services of education, training and advice, which hold no places."
MATRIX_NOTES = (MATRIX_NOTE, NONE_FOUND_NOTE, YOUNG_ADULTS_NOTE, AGES_UNKNOWN_NOTE)
GRADES_NOTE = (
    "Each part of the need stands once, at the firmest service that would take it, whether or not it has a place free."
)
AGES_OF_NEED_NOTE = (
    "Where the ages or the levels of the need are not known, a service that takes some of them counts as taking them "
    "all: without a service there is at least this much need."
)
AUTHORITY_NOTE = (
    "What could be met supposes that all places of the services that work here went to this authority. Authorities "
    "share them, so what each could have is not added up to the police force area."
)
PLACES_NOTE = (
    "From the firmest to the least firm: places that a source states; staff in post times the children that one "
    "worker supports, where a source states that number; the caseload last reported, which says how many children a "
    "service had and not how many it could have. Children a year are the places divided by the years that a child "
    "stays (Little's law)."
)
NEED_LIMITS_NOTE = (
    "Limits allow for chance in the counts of need alone, and not for places that are not known or have changed."
)
EFFECTS_NOTE = (
    "In order of name: no service is ranked. Each change is worked out alone, with everything else as it is, for the "
    "whole police force area. Places are those that a source states or, where none does, the caseload last reported, "
    "which is not how many a service could have: the gaps can then be other than stands here. A change without an "
    "effect on the gap says that need or places lie elsewhere, or that the places of services are not known; it does "
    "not say that the service does nothing."
)
COSTS_NOTE = (
    "In order of name: this is no ranking. Each cost stands with what it is divided by, and costs with different "
    "denominators, years or kinds of support cannot be compared: a service for many reaches a child for less than one "
    "that supports children one by one, and neither number says what became of them. Money that no source states is "
    "missing, such as what partners give in kind."
)
LOAD_NOTE = (
    "Load is new referrals a year times years in service, divided by places: above one, more children come than can "
    "be supported for that time. Places needed are referrals a year times years in service; workers needed are these "
    "divided by the children that one worker supports, where a source states that number."
)
PLACES_A_YEAR_NOTE = (
    "Need of a year stands beside the children whom places take in a year: places divided by the years in service."
)
TERM_VALUE_NOTE = "The value of an option is that of a year times its length, where no source states it."
GAP_FURTHER = "Details stand in the document “Services and coverage” of this area."
TRAVEL_NOTE = (
    "Minutes to the nearest site, and places within reach divided by the children within reach of each (two-step "
    "floating catchment area). Travel times are of the sources; a place within reach need not be free."
)

COVERAGE_METHODS: dict[str, str] = {
    "Recorded need": (
        "Children under review on the latest day, or assessments in the latest year, whichever is counted in more "
        "authorities of the police force area; never added. Figures more than two years older than the description of "
        "services are left aside. Ages are those of the children referred in the force, where these are printed."
    ),
    "What could be met": (
        "The largest flow from need to places: a service takes need of its area, harms, ages and risk levels, up to "
        "its places. What is left no allocation could meet. It is found by linear programming and checked against what "
        "binds: the need whose services are all full, less their places. Shared in proportion, each part of the need "
        "goes to the services that take it in proportion to their places, in one round."
    ),
    "Limits of the gap": (
        "A set of need lacks at least its need less the places of all services that take any of it; the gap is the "
        "largest of these. The need of a set is a weighted sum of counts, with exact 95% limits of one count or of "
        "equal weights, else by the gamma method of Fay and Feuer. The upper limit is the largest upper limit less "
        "places; the lower limit likewise, of the sets near the largest, widened so that it holds for all of them. "
        "Counts alone vary: shares by age, and places, are taken as known."
    ),
    "Coverage": METHODS["Coverage"],
    "Capacity check": METHODS["Capacity check"],
    "Withheld figures": METHODS["Withheld figures"],
}
COVERAGE_GLOSSARY: dict[str, str] = {
    "Place": "Room to support one child at a time.",
    "Gap": "Recorded need that no allocation of places could meet.",
} | {
    word: GLOSSARY[word]
    for word in (
        "Child sexual exploitation (CSE)",
        "Child criminal exploitation (CCE)",
        "Provision tier",
        "Spot purchase",
        "Service level agreement",
    )
}

# The quarterly commissioning overview.

OVERVIEW_MEASURES = {
    "years_in_service": "average years in service",
    "weeks_waiting": "weeks waiting",
    "whole_time_equivalent_staff": "whole-time equivalent staff",
    "vacancies": "vacant posts",
}
"""How a cell names a measure whose own name would not say it."""
CHANCE_NOTE = (
    "The limits allow for chance in counts of people and events who come one by one. Within chance means that the two "
    "figures are no evidence of a change; more than chance means a reason to ask, for recording and staffing change "
    "figures too."
)
AWARDS_NOTE = (
    "Totals are of awards of one purpose, source and period. Other rows can be two wordings of one award, so they are "
    "not added. Spent so far is as the source states it: the day is often not stated."
)
STATED_NOTE = "In the words of the return, which nobody has checked for this page."
OVERVIEW_METHODS: dict[str, str] = {
    "Like with like": (
        "A figure stands beside that of the quarter before and of the same period a year before only where service, "
        "area, measure, unit and length agree. Figures in a period, figures in all since a day, and figures on a day "
        "are never compared with one another. Where a source gives two figures that differ, none is chosen."
    ),
    "Times, and their limits": (
        "The figure divided by the one before, with exact 95% limits for two Poisson counts. Figures on a day have no "
        "limits, since much of a caseload stays from one day to the other, nor have sessions and others that are "
        "planned."
    ),
    "Per cents": (
        "Wilson's 95% limits where the return states the number that the per cent is of. Where it does not, none are "
        "given."
    ),
    "School holidays": (
        "Working days of the terms typical in England, among weekdays. A quarter with less than three quarters of the "
        "usual is one of school holidays."
    ),
    "Awards": "Sums of awards of one purpose to two or more recipients, beside the total that the source states.",
}

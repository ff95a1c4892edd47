"""What the five published documents say of services, each in the document's own words, and the cell of the evidence
that holds it.

- FOI: West Mercia Police and Crime Commissioner, response 2023 - 328 / WE7427, 26 April 2023.
- OVERVIEW: Overview of Commissioning Activity Report, West Mercia, quarter 2 of 2022/23.
- AVON_SOMERSET: Police and Crime Commissioner, Child Sexual Exploitation Briefing, 30 October 2014.
- DERBYSHIRE: Office of the Police and Crime Commissioner, decision record 71/2019.
- HEREFORDSHIRE: West Mercia Police to the council's scrutiny committee, 27 May 2025.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

FOI, OVERVIEW, AVON_SOMERSET, DERBYSHIRE, HEREFORDSHIRE = (
    "west_mercia_foi_2023",
    "west_mercia_q2_2022_23",
    "avon_somerset_2014",
    "derbyshire_2019",
    "herefordshire_2025",
)
WMRSASC = "West Mercia Rape and Sexual Abuse Support Centre (WMRSASC)"
DERBY = "derby_derbyshire_exploitation"
Cell = str | float | bool


class Fact(NamedTuple):
    """What a document says, in its own words, and the cell of the evidence that holds it."""

    document: str
    says: str
    table: str
    row: Mapping[str, str]
    column: str
    value: Cell


def service(document: str, service_id: str, **said: tuple[str, Cell]) -> list[Fact]:
    """Facts of the register: column=(what the document says, value)."""
    row = {"service_id": service_id}
    return [Fact(document, words, "services", row, column, value) for column, (words, value) in said.items()]


def there(document: str, service_id: str, **said: tuple[str, str]) -> list[Fact]:
    """How firmly a service is paid for: area code=(what the document says, funding)."""
    return [
        Fact(document, words, "service_areas", {"service_id": service_id, "area_code": area}, "funding", funding)
        for area, (words, funding) in said.items()
    ]


def reported(service_id: str, **said: tuple[str, float]) -> list[Fact]:
    """Figures of the quarter of the overview: measure=(what it says, value)."""
    return [
        Fact(OVERVIEW, words, "service_returns", {"service_id": service_id, "measure": measure}, "value", value)
        for measure, (words, value) in said.items()
    ]


def stated(document: str, **said: str) -> list[Fact]:
    """Statements: statement_id=what the document says, of which the wording holds the part in brackets."""
    found = []
    for name, words in said.items():
        within = re.search(r"\[(.+?)\]", words)
        says = words.replace("[", "").replace("]", "")
        held = within[1] if within else says
        found.append(Fact(document, says, "statements", {"statement_id": name}, "wording", held))
    return found


FACTS = [
    # The answer to the request under the Freedom of Information Act
    *service(
        FOI,
        "branch",
        provider=("Provider: West Mercia Rape and Sexual Abuse Support Centre (WMRSASC)", WMRSASC),
        intensity=("tailored 1:1 support", "one-to-one"),
        age_from=("aged 5 to 18", 5),
        age_to=("aged 5 to 18", 18),
        extended_age_to=("up to the age of 24", 24),
        works_with=("at risk of or impacted by sexual exploitation", "victims|at risk"),
        exploitation_types=("impacted by Child Sexual Exploitation", "CSE"),
        contract_start=("3 year contract 2021-2024 (+1+1)", "2021-01-01"),
        contract_end=("3 year contract 2021-2024 (+1+1)", "2024-12-31"),
        contract_precision=("3 year contract 2021-2024 (+1+1)", "year"),
        contract_months=("3 year contract 2021-2024 (+1+1)", 36),
        extension_months=("3 year contract 2021-2024 (+1+1)", "12|12"),
        commissioners=("WEST MERCIA PCC", "Office of the Police and Crime Commissioner for West Mercia"),
    ),
    *stated(
        FOI,
        foi_branch_contract="[3 year contract 2021-2024 (+1+1)]",
        foi_branch_one_to_one="offers tailored [1:1 support to children and young people aged 5 to 18]",
        foi_branch_extended_age="who have an [additional need(s)]",
        foi_branch_extended_support="would benefit from [tailored support to educate, develop awareness, reduce risk]",
        foi_branch_staff="qualified [Independent Sexual Violence Advocates] (ISVAs) with additional skillsets",
        foi_branch_duration="bespoke person-centric support [for as long as is required]",
        foi_branch_criminal_justice="for both [non-criminal justice and criminal justice circumstances]",
        foi_branch_tech_assisted_worker="uplifted with additional funding to provide a [Tech-Assisted CSE worker]",
        foi_branch_online_harms_training="trained to deliver [specialist support around online harms]",
    ),
    *service(
        FOI,
        "branch_plus",
        reference_only=("For reference only to support research request we also fund", True),
        client_group=("BRANCH PLUS WORKER (Adult exploitation)", "adults"),
    ),
    *stated(
        FOI,
        foi_branch_plus_reference_only="[For reference only to support research request we also fund a]",
        foi_branch_plus_support="[specially trained to support and explore options]",
    ),
    *service(
        FOI,
        "purple_leaf",
        provider=("Provider: West Mercia Rape and Sexual Abuse Support Centre (WMRSASC)", WMRSASC),
        age_from=("aged from 10 to 18", 10),
        age_to=("aged from 10 to 18", 18),
        intensity=("Each session is tailored for the relevant group", "group|education"),
        contract_months=("3 year contract 2021-2024 (+1+1)", 36),
        contract_end=("3 year contract 2021-2024 (+1+1)", "2024-12-31"),
        extension_months=("3 year contract 2021-2024 (+1+1)", "12|12"),
    ),
    *stated(
        FOI,
        foi_purple_leaf_purpose="created to increase young people’s [awareness of sexual abuse]",
        foi_purple_leaf_sessions="[Each session is tailored for the relevant group, using age-appropriate materials]",
        foi_purple_leaf_schools="successfully delivered to both [primary and secondary school settings]",
        foi_purple_leaf_outcomes="an increased [understanding of consent]",
        foi_purple_leaf_guidance="[These outcomes will support schools in meeting the guidelines of]",
    ),
    # The overview for quarter 2 of 2022/23
    *service(
        OVERVIEW,
        "isva",
        provider=("WMRASAC in partnership with AXIS", "WMRASAC"),
        partners=("WMRASAC in partnership with AXIS", "AXIS"),
        works_with=("improve service to victims", "victims"),
    ),
    *there(OVERVIEW, "isva", E06000020=("ISVA services across the region", "commissioned")),
    *stated(
        OVERVIEW,
        q2_moj_uplifted_posts="uplifted to create or retain [20 posts]",
        q2_isva_partnership="[improve multi-agency partnership working with statutory providers]",
        q2_isva_training="[Further development of training programmes has taken place]",
        q2_branch_referral_delay="[A delay in receiving referrals via local authority panels]",
        q2_branch_delay_action="[Action has been raised and taken to improve this with each relevant authority]",
        q2_branch_mental_health="[increasing complex mental health needs]",
        q2_branch_time_in_service="[The average time in service for a Branch client is just over a year]",
        q2_branch_18_25_reason="[professionals not realising Branch can work with additional needs adults]",
        q2_purple_leaf_school_holidays="isn't [reflective of a typical quarter]",
        q2_purple_leaf_on_target="[on target to achieve its annual targets in all three counties]",
        q2_purple_leaf_demand_capacity="demand for school sessions [outweighing current capacity]",
        q2_purple_leaf_shropshire_waiting="demand from schools [has generated a waiting list]",
        q2_purple_leaf_ipads="[iPads have now been purchased for 1-2-1 work]",
    ),
    *reported(
        "branch",
        new_referrals=("received 28 new victim referrals", 28),
        children_in_support=("Of the 110 CYP's currently in support", 110),
        children_with_additional_mental_health_needs=("89 have additional mental health needs", 89),
        years_in_service=("just over a year", 1),
        referrals_additional_needs_18_25_cohort=("No referrals received for the Branch additional needs 18-25", 0),
    ),
    *service(OVERVIEW, "branch", extended_age_to=("18-25 cohort", 25)),
    *there(
        OVERVIEW,
        "purple_leaf",
        E06000020=("across West Mercia (Telford exception)", "none"),
        E06000051=("a particular challenge within Shropshire", "commissioned"),
    ),
    *reported(
        "purple_leaf",
        sessions_delivered=("delivered 169 sessions across West Mercia", 169),
        children_reached=("to 295 children", 295),
        teacher_awareness_sessions_delivered=("10 teacher awareness sessions", 10),
        teachers_trained=("to 165 people", 165),
    ),
    *service(
        OVERVIEW,
        "paediatric_sexual_assault_service",
        provider=("providers Mountain Healthcare", "Mountain Healthcare"),
        works_with=("CYP victims of sexual assault", "victims"),
        partners=(
            "A collaboration between NHS England and the Police and Crime Commissioner's of West Mercia",
            "NHS England|Police and Crime Commissioners of West Mercia, West Midlands, Warwickshire and Staffordshire",
        ),
    ),
    *stated(
        OVERVIEW,
        q2_paediatric_sas_moved="[has moved to a new location in Darlaston called 'Willow Tree SARC']",
        q2_paediatric_sas_bespoke="[bespoke service to CYP victims of sexual assault]",
        q2_idva_contract="[enters the second quarter of its new three-year contract]",
        q2_idva_timely_contact="[when a referral is received and allocated on the same day]",
        q2_ypidva_senior_role="to recruit for a [Senior YPIDVA role]",
        q2_ypidva_sexual_element="[YPIDVAs are working closely with Axis and WMRASAC]",
        q2_womens_aid_cyp_waiting="[Waiting lists continue to remain high with demand outstripping resource]",
        q2_drive_staffing="[DRIVE] contract has resolved staffing issues",
        q2_da_support_officers="[agreed to continue funding both]",
        q2_val_coordinators="[Two Victim Care Coordinators have been successfully recruited and inducted]",
        q2_victim_support_modern_slavery="new role of the [Modern Slavery Human Trafficking Advocate]",
        q2_victim_support_hate_crime="has undertaken [extensive networking and promotional work]",
    ),
    *reported(
        "womens_aid_idva",
        victims_contacted_within_48_hours=("95.83% of victims/survivors contacted within 48 hours", 95.83),
        victims_contacted_within_72_hours=("97.23% of victims/survivors have been contacted within 72 hours", 97.23),
    ),
    *reported(
        "womens_aid_ypidva",
        referrals=("Of the 26 referrals they received in Q2", 26),
        young_people_engaged_in_full_support=("17 young people have engaged in full support", 17),
        young_people_declining_service=("with only 1 declining service", 1),
    ),
    *reported("drive", children_associated_with_cases=("109 CYP associated with them", 109)),
    *reported("victim_advice_line", satisfaction_in_dip_sample=("showed a 98.7% satisfaction rate", 98.7)),
    *reported("roadpeace", new_referrals=("with 30 new referrals in Q2", 30)),
    *service(
        OVERVIEW,
        "climb",
        provider=("The Children's Society, with our funding, provide the CLIMB service", "The Children's Society"),
        exploitation_types=("young people at risk of criminal exploitation", "CCE"),
        works_with=("young people at risk of criminal exploitation", "at risk"),
        vacancies=("CLIMB is currently carrying three vacancies", 3),
    ),
    *reported(
        "climb",
        new_children_engaging=("58 new CYP begin to successfully engage with the service", 58),
        vacancies=("CLIMB is currently carrying three vacancies", 3),
    ),
    *stated(
        OVERVIEW,
        q2_climb_contract="now in the [third year of the contract]",
        q2_climb_extension="[discuss an extension (plus 1 year)]",
        q2_climb_annual_targets="[they still managed to achieve their annual targets]",
        q2_climb_demographic="[Males aged between 14-17 continue to be their most typical demographic]",
        q2_climb_pathways="[range of positive activity from sports, arts and music production]",
        q2_climb_vacancies="[three vacancies that they expect to fill next quarter]",
        q2_climb_toolkit="[Exploitation Awareness Raising Toolkit for secondary schools]",
        q2_climb_redditch="[Targeted community work continues in Redditch]",
        q2_steer_clear="[anyone at risk of or on the periphery of knife related activity]",
        q2_steer_clear_award="[Howard League Community Award]",
        q2_my_time_roles_recruiting="[three more are in the process of recruitment]",
        q2_men_masculinities_training="[Training opportunities continue to be utilised to increase staff knowledge]",
        q2_longlands_attendance="[Attendance of the service continues to be strong]",
        q2_trainers_hereford_programme="[in-depth safeguarding training programme to Hereford local authority]",
        q2_divert_programme="[improves treatment pathways, diverts drug users from long-term drug use]",
        q2_divert_recruiting="[are in the process of recruiting a dedicated OoCD Team]",
        q2_youth_justice_disposals="[The PCC supports the joint decision-making arrangements]",
        q2_csp_total="awarded a combined total of [£636,541]",
    ),
    *service(OVERVIEW, "steer_clear_link_worker", works_with=("anyone at risk of or on the periphery", "at risk")),
    *service(OVERVIEW, "my_time", provider=("The Richmond Fellowship: deliver My Time", "Richmond Fellowship")),
    *reported("victim_support", valid_referrals=("400 valid referrals were received", 400)),
    *there(
        OVERVIEW,
        "womens_aid_children_and_young_people",
        E06000019=("in both Herefordshire and Worcestershire during Q2", "commissioned"),
        E10000034=("in both Herefordshire and Worcestershire during Q2", "commissioned"),
    ),
    *there(
        OVERVIEW,
        "domestic_abuse_support_officers",
        E06000051=("The OPCC has agreed to continue funding both DA support Officers", "commissioned"),
    ),
    *service(OVERVIEW, "crimestoppers", provider=("Crimestoppers have spent", "Crimestoppers")),
    *reported("longlands_care_farm", students=("taking the total number of students to 28", 28)),
    *reported("men_and_masculinities", groups_running=("has three groups running", 3)),
    *reported("exploitation_vulnerability_training", people_reached=("have reached 1883 people since April", 1883)),
    *reported("divert", referrals=("There were 154 referrals within West Mercia this quarter", 154)),
    *(
        Fact(OVERVIEW, says, "funding", {"recipient": f"{name} CSP"}, column, pounds)
        for name, column, says, pounds in (
            ("Shropshire", "awarded_gbp", "Shropshire CSP = £98,441", 98_441),
            ("Shropshire", "spent_gbp", "Have currently spent £50,200", 50_200),
            ("Hereford", "spent_gbp", "Have currently spent £88,700", 88_700),
            ("Telford", "spent_gbp", "Have currently spent £135, 640", 135_640),
            ("North Worcester", "spent_gbp", "Have currently spent £101,789", 101_789),
        )
    ),
    *(
        Fact(OVERVIEW, says, "funding", {"funder": "Ministry of Justice", "period_start": start}, "awarded_gbp", pounds)
        for start, says, pounds in (
            ("2022-04-01", "extension funding to the value of £794k for 22/23", 794_000),
            ("2023-04-01", "just over £850k for years 2 and 3", 850_000),
        )
    ),
    Fact(
        OVERVIEW,
        "have spent £21,000 on a County Lines Campaign",
        "funding",
        {"recipient": "Crimestoppers"},
        "spent_gbp",
        21_000,
    ),
    # Avon and Somerset
    *service(
        AVON_SOMERSET,
        "base",
        provider=("via the Barnardos BASE project", "Barnardo's"),
        tier=("Specialist support for victims of CSE", "specialist"),
        works_with=("Specialist support for victims of CSE", "victims"),
        commissioners=(
            "the Constabulary have also committed funding to BASE",
            "Barnardo's|Bristol City Council|South Gloucestershire local authority|Avon and Somerset Constabulary",
        ),
    ),
    *there(
        AVON_SOMERSET,
        "base",
        E06000023=("coming from Barnardos themselves and Bristol City Council", "commissioned"),
        E06000025=("provides funding via a service level agreement", "service level agreement"),
        E06000022=("support is made available via spot purchase arrangements", "spot purchase"),
        E06000024=("support is made available via spot purchase arrangements", "spot purchase"),
        E06000066=("support is made available via spot purchase arrangements", "spot purchase"),
    ),
    *there(
        AVON_SOMERSET,
        "somerset_targeted_youth_support",
        E06000066=("mainstreamed into the targeted youth support team", "not stated"),
    ),
    *stated(
        AVON_SOMERSET,
        avs_base_specialist="providing [long term, specialist support]",
        avs_base_demand="[the Constabulary have also committed funding to BASE]",
        avs_somerset_pilot="[The PCC previously funded a pilot project in Somerset]",
        avs_somerset_worker="[the employment of a dedicated worker]",
        avs_funding_gap="[a significant funding gap for this type of specialist support for victims]",
        avs_pooled_budgets="[collaborative working or pooled budget arrangements]",
    ),
    # Derbyshire
    *service(
        DERBYSHIRE,
        DERBY,
        provider=("To appoint Catch 22 as the new service provider", "Catch 22"),
        contract_start=("will commence on 13 January 2020 for three years", "2020-01-13"),
        contract_end=("will commence on 13 January 2020 for three years", "2023-01-12"),
        extension_months=("option to extend for a further 2 x 12 months", "12|12"),
        annual_value_gbp=("to the value of £175,000 per annum", 175_000),
        risk_levels=("(medium and high risk)", "medium|high"),
        self_referral=("will encourage self-referrals from individuals and families", True),
        works_with=("victim service for children at risk of exploitation", "victims|at risk"),
        commissioners=(
            "Derby City and Derbyshire County Council have commissioned an experienced provider",
            "Office of the Police and Crime Commissioner for Derbyshire|Derby City Council|Derbyshire County Council",
        ),
    ),
    *there(
        DERBYSHIRE,
        DERBY,
        E06000015=("will operate in the City and County", "commissioned"),
        E10000007=("will operate in the City and County", "commissioned"),
    ),
    *stated(
        DERBYSHIRE,
        dby_open_tender="[following an open invitation to tender]",
        dby_suite_of_services="[suite of services to help victims of crime to cope and recover]",
        dby_plan="[person-centred plan that improves their individual outcomes]",
        dby_flexible_response="[will have a flexible response to meeting emerging vulnerabilities]",
        dby_core_offer="[specialist provision for Domestic Abuse, Sexual Abuse and Violence, CRE]",
        dby_access_terms="[Available whether or not a crime has been reported to the police]",
        dby_whole_systems="[ensure a whole systems approach for victims]",
    ),
    # Herefordshire
    *service(
        HEREFORDSHIRE,
        "branch",
        age_from=("CYP between age 5-18 years", 5),
        extended_age_to=("under the age of 24 years for those with additional needs", 23),
        works_with=("victims and/or at risk of CSE", "victims|at risk"),
    ),
    *service(
        HEREFORDSHIRE,
        "purple_leaf",
        age_from=("between age 5-18 years who are at risk of, or experiencing, CSE", 5),
        works_with=("at risk of, or experiencing, CSE", "victims|at risk"),
    ),
    *service(
        HEREFORDSHIRE,
        "unnamed_cce_cse_support",
        age_from=("Supporting children aged 8-18", 8),
        extended_age_to=("young people up to the age of 24 with additional needs", 24),
        exploitation_types=("impacted by Child Criminal Exploitation or Child Sexual Exploitation", "CSE|CCE"),
    ),
    *service(
        HEREFORDSHIRE, "unnamed_cse_support", works_with=("who have experienced CSE (including online)", "victims")
    ),
    *service(HEREFORDSHIRE, "ceop", provider=("one of CEOP's Child Protection Advisors", "CEOP")),
    *service(HEREFORDSHIRE, "axis", age_from=("CYP (aged 11+years)", 11)),
    *service(
        HEREFORDSHIRE,
        "safe_team_herefordshire",
        risk_levels=("all risk levels (significant, moderate and emerging)", "emerging|moderate|significant"),
    ),
    *there(
        HEREFORDSHIRE,
        "holly_project",
        E06000019=("Non OPCC Funded. There are also a wide range of other", "not stated"),
    ),
    *stated(
        HEREFORDSHIRE,
        hfd_two_dedicated_provisions="[Two of these provisions are dedicated to dealing with CSE, Branch]",
        hfd_safe_team_mace="[a safety plan will be developed]",
        hfd_victim_support_scope="[they may work with adults that have disclosed historic CSE]",
        hfd_branch_no_disclosure="[does not have to have formally reported/disclosed CSE]",
        hfd_purple_leaf_arm="[early intervention and prevention arm]",
        hfd_ceop_report="to [one of CEOP's Child Protection Advisors]",
        hfd_non_opcc_funded="[The Holly Project, Street Pastors, Taxi Marshalls, Early Help]",
        hfd_training_workshops="[available to anyone living or working in Herefordshire]",
    ),
]

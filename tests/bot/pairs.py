"""Statements about the bundled article and the sentence each cites, judged before the checker saw them.

Each sentence is named by words that it alone holds. A statement that is wrong names what is wrong.
"""

# ruff: noqa: E501  # a table reads best a line to a case
from bot.check import Criterion

TIES = "nosedived sharply"
STAGES = "two-stage strategy"
SECOND_STAGE = "forty-eight-hours after"
ENVOYS = "Several tense days"
WIDER = "latest tit-for-tat"
PROXY = "proxy conflict"
NEIGHBORS = "already navigating difficult ties"
DECADES = "more than three decades"
NO_OPTION = "no option but"
GWADAR = "security of its citizens"
GREW = "grew in recent years"
KHAN = "Imran Khan"
STRANGER = "no stranger"
COUNTERTERRORISM = "counterterrorism concerns"
UNILATERAL = "That Iran chose"
JAISH = "Jaish al-Adl"
MARKETS = "seven border markets"
MAKRAN = "Makran region"
KARACHI = "make their way to Karachi"
DIESEL = "Zamyad"
DISTRICTS = "Makran division"
DUTIES = "no duties or taxes"
TRADE = "three billion dollars"
GOVERNMENT = "new government enters office"
YEMEN = "withstood pressure"
ELECTION = "election campaign"
POISED = "poised to take advantage"
LAST_WEEK = "The strikes last week"
FAISAL = "PhD candidate"
IMAGE = "A man looks"

FAIR = [
    ("Official data put formal trade between Iran and Pakistan at two billion dollars a year.", TRADE),
    ("Informal trade could exceed $3 billion a year.", TRADE),
    ("Informal Iran-Pakistan trade could top 3bn dollars annually.", TRADE),
    ("The estimate of informal trade rests on a commission's report from 2020.", TRADE),
    ("Tehran struck western Pakistan on 16 January.", TIES),
    ("Iran carried out strikes in western Pakistan on Jan. 16.", TIES),
    ("Pakistan recalled its ambassador from Tehran.", STAGES),
    ("Pakistan conducted retaliatory strikes inside southeastern Iran 48 hours after the attack.", SECOND_STAGE),
    ("Iran's foreign minister, Hossein Amir-Abdollahian, would visit Islamabad.", ENVOYS),
    ("Both countries said that they would return their envoys.", ENVOYS),
    ("U.S.-led forces are attacking the Houthis in Yemen, who are backed by Iran.", WIDER),
    ("Iran's proxy conflict with Israel and the US has escalated.", PROXY),
    ("Pakistan's ties with its 2 main neighbors, India and Afghanistan, are difficult.", NEIGHBORS),
    ("It was the first time in over 30 years that a country conducted missile strikes inside Iran.", DECADES),
    ("Pakistan had to respond.", NO_OPTION),
    ("China has launched infrastructure projects in Gwadar, a port city near Iran's border.", GWADAR),
    ("Pakistan's relations with Russia grew because both were involved in Afghanistan.", GREW),
    ("Imran Khan visited Moscow when Russia began its invasion of Ukraine.", KHAN),
    ("People in the borderlands know violence by the state and by militant groups.", STRANGER),
    ("China brought Pakistan and Iran together to discuss counterterrorism.", COUNTERTERRORISM),
    ("Iran struck unilaterally rather than seek coordinated action.", UNILATERAL),
    ("The crisis showed Jaish al-Adl and Baloch separatists that they can provoke a crisis between states.", JAISH),
    ("Seven border markets operate to facilitate barter trade.", MARKETS),
    ("There are 7 border markets for barter between people from the two sides.", MARKETS),
    ("Makran depends on Iran for food, petroleum products and electricity.", MAKRAN),
    ("Some products reach Karachi and even Islamabad.", KARACHI),
    ("Diesel from Iran is smuggled across the border on blue Zamyad trucks.", DIESEL),
    ("The border districts are more connected to the Iranian economy than to Pakistan's.", DISTRICTS),
    ("Neither duties nor taxes are levied on these goods.", DUTIES),
    ("The goods are cheaper because they are not taxed.", DUTIES),
    ("Pakistan refused to contribute troops against the Houthis in Yemen in 2015.", YEMEN),
    ("In 2015, Pakistan did not contribute troops to the fight against the Houthis.", YEMEN),
    ("The UAE and Saudi Arabia put pressure on Pakistan over troops for Yemen.", YEMEN),
    ("The new government will face eroding trust with Iran when it enters office.", GOVERNMENT),
    ("Muhammad Faisal is a doctoral candidate at the University of Technology Sydney.", FAISAL),
    ("The photograph was taken in Karachi on 18 January 2024.", IMAGE),
]  # fmt: skip

WRONG = [
    ("Official data put formal trade at five billion dollars per year.", TRADE, Criterion.NUMBERS),
    ("Informal trade could surpass three million dollars per year.", TRADE, Criterion.NUMBERS),
    ("Informal trade could surpass two billion dollars per year.", TRADE, Criterion.NUMBERS),
    ("Formal trade never reached two billion dollars per year.", TRADE, Criterion.NEGATION),
    ("The estimate comes from a 2021 inquiry commission report.", TRADE, Criterion.NUMBERS),
    ("Tehran carried out strikes in western Pakistan on January 18.", TIES, Criterion.DATES),
    ("Tehran carried out strikes in western Pakistan on 16 February.", TIES, Criterion.DATES),
    ("Tehran carried out strikes in western Afghanistan on January 16.", TIES, Criterion.NAMES),
    ("Pakistan carried out unilateral strikes in western Iran on January 16.", TIES, Criterion.NAMES),
    ("Pakistan did not recall its ambassador.", STAGES, Criterion.NEGATION),
    ("Iran recalled its ambassador from Islamabad.", STAGES, Criterion.NAMES),
    ("Pakistan conducted retaliatory strikes seventy-two hours after the attack.", SECOND_STAGE, Criterion.NUMBERS),
    ("Iran and Pakistan announced that they would not return their envoys.", ENVOYS, Criterion.NEGATION),
    ("Iranian Foreign Minister Javad Zarif would visit Islamabad.", ENVOYS, Criterion.NAMES),
    ("Iran and Pakistan announced on Tuesday that they would return their envoys.", ENVOYS, Criterion.NAMES),
    ("US-led forces attack Saudi-backed Houthis in Yemen.", WIDER, Criterion.NAMES),
    ("It was the first time in more than five decades that a country struck Iran.", DECADES, Criterion.NUMBERS),
    ("Pakistan did not respond.", NO_OPTION, Criterion.NEGATION),
    ("Imran Khan visited Beijing as Russia started its invasion of Ukraine.", KHAN, Criterion.NAMES),
    ("China has not been active in bringing Iran and Pakistan together.", COUNTERTERRORISM, Criterion.NEGATION),
    ("Iran did not choose to strike unilaterally.", UNILATERAL, Criterion.NEGATION),
    ("Eight border markets are now operational.", MARKETS, Criterion.NUMBERS),
    ("Seventeen border markets are now operational.", MARKETS, Criterion.NUMBERS),
    ("The seven border markets are not yet operational.", MARKETS, Criterion.NEGATION),
    ("Pakistan's Makran region is dependent on supplies of electricity from Afghanistan.", MAKRAN, Criterion.NAMES),
    ("Indian diesel is smuggled across the border on blue Zamyad pickup trucks.", DIESEL, Criterion.NAMES),
    ("Iranian diesel is smuggled across the border on blue Toyota pickup trucks.", DIESEL, Criterion.NAMES),
    ("Duties and taxes are levied on these goods.", DUTIES, Criterion.NEGATION),
    ("Pakistan agreed to contribute troops to fight against the Houthis in 2015.", YEMEN, Criterion.NEGATION),
    ("Pakistan withstood pressure from Qatar for refusing to contribute troops.", YEMEN, Criterion.NAMES),
    ("Pakistan refused to contribute troops to fight against the Houthis in 2016.", YEMEN, Criterion.NUMBERS),
    ("The opposition won the election by a wide margin.", ELECTION, Criterion.MEANING),
    ("Pakistan is no longer poised to take advantage of opportunities provided by Iran.", POISED, Criterion.NEGATION),
    ("The UN said that the strikes will alter regional dynamics.", LAST_WEEK, Criterion.NAMES),
    ("Muhammad Faisal is a PhD candidate at the University of Melbourne.", FAISAL, Criterion.NAMES),
    ("The photograph was taken in Karachi on January 18, 2023.", IMAGE, Criterion.DATES),
]  # fmt: skip

"""The sample world: Halden Cold-Chain sells monitoring. Names, places and words; all made up."""

PRODUCTS = (
    "Cold-chain monitoring",
    "Ward fridges",
    "Reefer sensors",
    "Stability rooms",
    "Depot retrofit",
)
PROJECTS = (
    "Night alarms",
    "Replacement of old loggers",
    "Pilot in two halls",
    "Framework contract",
    "New depot",
    "Audit before the summer",
    "Second wave",
    "Extension to the west wing",
    "Alarms on the phone",
    "Vaccine store",
    "Van fleet",
    "Readings for the inspectors",
)
COMPETITORS = ("Frostwatch", "Polarlog", "Celsia", "Thermora")
FIRST_WORDS = (
    *(
        "Brightwater",
        "Norrland",
        "Vale",
        "Kestrel",
        "Alder",
        "Tessaro",
        "Polmed",
        "Harbour",
        "Meridian",
    ),
    *(
        "Ostrava",
        "Bergen",
        "Silverbirch",
        "Castello",
        "Wisła",
        "Rhone",
        "Tallinn",
        "Galway",
        "Lund",
    ),
    *("Hartwell", "Lindholm", "Moravia", "Cardigan", "Savona", "Gdynia"),
)
SECOND_WORDS = (
    *("Foods", "Dairy", "Hospitals", "Logistics", "Pharmacy", "Surgelati", "Labs", "Provisions"),
    *("Clinics", "Fresh", "Seafood", "Catering", "Biotech", "Wholesale", "Bakeries"),
    *("Vaccines", "Creamery", "Orchards"),
)
GIVEN_NAMES = (
    *("Dana", "Elin", "Sam", "Priya", "Tom", "Helen", "Jonas", "Astrid", "Petr", "Giulia", "Marek"),
    *("Ines", "Nora", "Olga", "Liam", "Sofia", "Karin", "Yuki", "Amir", "Zofia"),
)
FAMILY_NAMES = (
    *(
        "Whitfield",
        "Sjöberg",
        "Okafor",
        "Raman",
        "Bright",
        "Finch",
        "Weber",
        "Lie",
        "Novák",
        "Rossi",
    ),
    *(
        "Kowalska",
        "Duarte",
        "Berg",
        "Ivanova",
        "Byrne",
        "Costa",
        "Lindqvist",
        "Tanaka",
        "Haddad",
        "Zielińska",
    ),
)
TITLES = (
    "Head of operations",
    "Quality lead",
    "Finance director",
    "Site manager",
    "Buyer",
    "Pharmacist",
)
# country, time zone, language
PLACES = (
    ("GB", "Europe/London", "en"),
    ("IT", "Europe/Rome", "it"),
    ("PL", "Europe/Warsaw", "pl"),
    ("NO", "Europe/Oslo", "en"),
    ("DE", "Europe/Berlin", "en"),
    ("SE", "Europe/Stockholm", "en"),
)
SOURCES = ("Referral", "Trade fair", "Website", "Accredited labs, north", "Cold list", "Partner")
# How often each reason is named, and in the last months: one rises, one falls.
REASONS = {
    "price-or-value": 18,
    "lost-to-a-competitor": 20,
    "budget-gone": 13,
    "no-decision": 12,
    "timing": 10,
    "no-answer": 9,
    "no-decision-maker": 7,
    "missing-feature": 4,
    "kept-in-house": 3,
    "relationship-or-trust": 2,
    "project-cancelled": 2,
}
REASONS_OF_LATE = REASONS | {"lost-to-a-competitor": 36, "no-decision": 5, "timing": 6}
# How often each competitor is met by a deal that was lost to one of them, and by one that was won.
MET_IN_LOSSES = (5, 3, 2, 2)
MET_IN_WINS = (1, 4, 3, 3)
# What buyers say.
LOSS_WORDS = {
    "price-or-value": "It does the job, but we could not explain the price upstairs.",
    "lost-to-a-competitor": "They had the certificate on the table at the first visit.",
    "budget-gone": "We like it. But the group froze all spending until April.",
    "no-decision": "In the end nobody wanted to sign this year.",
    "timing": "Come back when the new depot is built.",
    "missing-feature": "We need the readings in our own system.",
    "kept-in-house": "Our own engineers will do it.",
    "relationship-or-trust": "Three people visited us, and each said something else.",
}
WIN_WORDS = (
    "We stopped guessing what happened at night.",
    "The auditors were gone in an hour.",
    "We throw away half of what we used to.",
)
NOTES = (
    "Asked for a comparison of two sites.",
    "Wants to see the alarm on a phone.",
    "The old contract ends in spring.",
    "Sent the security note.",
    "Talked about the second wave.",
)

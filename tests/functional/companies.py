"""The companies of the stories, one each. All of them live on the one shared server."""

from tests.support.world import CLOSED_PORT, Company, Model

SEALED = Company(
    "sealed",
    [
        Model("sealed-cheap", "4", 0.6),
        Model("sealed-best", "20", 0.95, capabilities=("tools", "json", "vision")),
        Model("sealed-inside", "0", 0.4),
    ],
    staff=("adam",),
)
SIGHTED = Company(
    "sighted",
    [
        Model("sighted-cloud", "20", 0.95, capabilities=("tools", "json", "vision")),
        Model("sighted-inside", "0", 0.4, capabilities=("tools", "json", "vision")),
    ],
    people=("erin", "otto"),
    signs_in=True,
)
"""Files are attached here; models outside and inside can see."""
HOLLOW = Company("hollow", [Model("hollow-cloud", "20", 0.95)])
"""No model inside."""
DARK = Company("dark", [Model("dark-cloud", "20", 0.95), Model("dark-inside", "0", 0.4, base_url=CLOSED_PORT)])
"""The model inside is down."""
TITLED = Company("titled", [Model("titled-cloud", "4", 0.95), Model("titled-inside", "0", 0.4)], {"titles": True})
REFUSING = Company(
    "refusing",
    [Model("refusing-cloud", "20", 0.95), Model("refusing-inside", "0", 0.4)],
    {"sensitivity": {"action": "refuse"}},
)
VEILED = Company(
    "veiled",
    [Model("veiled-cloud", "20", 0.95), Model("veiled-inside", "0", 0.4)],
    {"sensitivity": {"action": "mask", "mask_types": ["PERSON", "IBAN_CODE"]}, "strategy": "best"},
)
"""Names and accounts may leave with placeholders instead."""
LONG = {"connect_s": 2, "first_token_s": 20, "between_tokens_s": 20, "total_s": 60}
LENIENT = {"sensitivity": {"force_self_hosted": ["SECRET"]}}
"""IBANs may leave the company, until somebody changes that."""
SWITCHING = Company(
    "switching",
    [
        Model("switching-slow", "20", 0.95, timeouts=LONG),
        Model("switching-next", "16", 0.9),
        Model("switching-inside", "0", 0.4),
    ],
    LENIENT,
    staff=("adam", "cleo"),
)


PENNILESS = Company("penniless", [Model("penniless-cloud", "20")], team_limit="0.000100")
THRIFTY = Company(
    "thrifty", [Model("thrifty-cloud", "20", 0.95), Model("thrifty-inside", "0", 0.4)], team_limit="0.000100"
)
CAPPED = Company(
    "capped",
    [Model("capped-cloud", "10", input="0")],
    {"max_output_tokens": 100},
    team_limit="0.037700",
)
"""Each question costs exactly 1,000 micro-dollars when the model uses all that it may: 37 fit, and a shorter one."""
BILLED = Company("billed", [Model("billed-steady", "20", 0.95), Model("billed-flaky", "8", 0.5)], team_limit="10.00")

VOTING = Company(
    "voting",
    [
        Model("voting-one", "20", 0.95, timeouts=LONG),
        Model("voting-two", "8", 0.93, timeouts=LONG),
        Model("voting-three", "4", 0.91, timeouts=LONG),
        Model("voting-inside", "0", 0.4),
    ],
    {"strategy": "vote"},
    team_limit="10.00",
)
"""Three models of different providers answer at once."""
PANEL = Company(
    "panel", [Model(f"panel-{name}", "10", 0.9, input="0", timeouts=LONG) for name in ("one", "two", "three")],
    {"strategy": "vote", "max_output_tokens": 100}, team_limit="0.037700",
)  # fmt: skip
"""A vote of three costs 3,000 micro-dollars when each uses all that it may: twelve fit, and a smaller one."""
STEPPING = Company(
    "stepping",
    [
        Model("stepping-cheap", "2", 0.6, timeouts=LONG),
        Model("stepping-strong", "20", 0.95, timeouts=LONG),
        Model("stepping-spare", "20", 0.3, timeouts=LONG),
    ],
    {"strategy": "cascade"},
    team_limit="10.00",
)
"""The cheap model is asked first, and its answer is checked; the third one is no step, it only stands in."""
BEFORE = ("refused", "fault", "busy", "silent", "garbled", "redirected", "cut")
"""Ways in which a model fails before its first token."""
AFTER = ("cut-later", "silent-later", "garbled-later", "fault-later")
"""Ways in which it fails after some."""
FAULTY = Company(
    "faulty",
    [
        Model("faulty-good", "4", 0.95),
        *(Model(f"faulty-{how}", "4", 0.3, base_url=CLOSED_PORT if how == "refused" else "") for how in BEFORE),
        *(Model(f"faulty-{how}", "4", 0.3) for how in AFTER),
    ],
)
LONELY = Company("lonely", [Model("lonely-cloud")])
"""One model, and nothing to fall back to."""
RESTING = Company("resting", [Model("resting-cloud")])
"""Its one model fails until it is left alone."""
READING = Company("reading", [Model("reading-cloud", "20", timeouts=LONG)])

KILLED = Company("killed", [Model("killed-cloud", "20", timeouts=LONG)], team_limit="10.00")
"""Lives on a server of its own, which is killed."""
SDK = Company("sdk", [Model("sdk-cloud", "20")])
RATED = Company("rated", [Model("rated-cloud")], team_rate=2)
GUARDED = Company(
    "guarded",
    [Model("guarded-cloud", timeouts=LONG)],
    people=("erin", "otto", "gina", "kemal", "lea"),
    staff=("adam",),
    signs_in=True,
)
"""Rights of its people end in mid-stream."""
SUSPENDED = Company("suspended", [Model("suspended-cloud", timeouts=LONG)], staff=("adam",), signs_in=True)
OPEN = Company(
    "open", [Model("open-cloud", timeouts=LONG)], people=("erin", "kim", "lea"), staff=("adam",), signs_in=True
)
"""Its people share conversations with one another and take them back."""
PATIENT = Company("patient", [Model("patient-cloud", "20", timeouts=LONG)], people=("erin", "nora"), staff=("adam",))
"""`erin` sends what is wrong, `nora` and her twenty sockets stream beside it."""

REMARKED = Company(
    "remarked",
    [
        Model("remarked-slow", "0", 0.9, timeouts=LONG),
        Model("remarked-next", "0", 0.8),
        Model("remarked-cloud", "20", 0.7),
    ],
)
"""One of its two models inside turns out to be commercial."""

TAUGHT = Company(
    "taught",
    [Model("taught-best", "4", 0.95), Model("taught-good", "4", 0.8), Model("taught-inside", "0", 0.3)],
    people=("erin", "otto"),
)
"""Its people say what they think of answers."""

EVERYBODY = (
    SEALED, SIGHTED, HOLLOW, DARK, TITLED, REFUSING, SWITCHING, REMARKED, PENNILESS, THRIFTY, CAPPED, BILLED, FAULTY,
    LONELY, RESTING, READING, SDK, RATED, GUARDED, SUSPENDED, OPEN, PATIENT, VEILED, TAUGHT, VOTING, PANEL,
    STEPPING,
)  # fmt: skip

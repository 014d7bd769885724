"""The words the model knows, by kind. Data, and the three functions that read its notation."""


def _words(text: str) -> tuple[str, ...]:
    """Read words with white space between them."""
    return tuple(text.split())


def _table(text: str) -> dict[str, tuple[str, ...]]:
    """Read entries `kind: item, item`, one a line; a line that has no colon goes on with the last one."""
    table: dict[str, tuple[str, ...]] = {}
    kind = ""
    for line in text.strip().splitlines():
        name, colon, items = line.rpartition(": ")
        kind = name.strip() if colon else kind
        table[kind] = (*table.get(kind, ()), *(item.strip() for item in items.strip(" ,").split(",")))
    return table


def _pairs(text: str) -> dict[str, str]:
    """Read entries `name = value` with semicolons between them."""
    pairs = (entry.split("=") for entry in text.split(";"))
    return {name.strip(): value.strip() for name, value in pairs}


LISTS = _table(
    """
    fruit: apple, banana, cherry, mango, orange, pear, grape, kiwi, peach, plum, lemon, melon, papaya,
      fig, apricot, raspberry, strawberry, pineapple, lime, guava
    vegetable: carrot, potato, onion, tomato, spinach, broccoli, cabbage, pepper, lettuce, cucumber,
      celery, radish, pumpkin, leek, garlic, turnip
    colour: red, blue, green, yellow, orange, purple, pink, brown, black, white, grey, violet, teal,
      crimson, indigo, amber, ivory, olive
    animal: dog, cat, horse, elephant, tiger, rabbit, wolf, otter, dolphin, eagle, panda, giraffe,
      zebra, kangaroo, turtle, lion, camel, goat, badger, falcon
    bird: robin, eagle, sparrow, owl, falcon, heron, penguin, swan, raven, finch
    fish: salmon, trout, cod, tuna, herring, carp, perch, pike, eel, mackerel
    insect: ant, bee, beetle, butterfly, moth, wasp, cricket, dragonfly, fly, ladybird
    city: Paris, Tokyo, Lima, London, Berlin, Madrid, Rome, Cairo, Sydney, Toronto, Oslo, Vienna,
      Lisbon, Delhi, Nairobi, Chicago, Dublin, Athens, Seoul, Boston, Amsterdam, Prague, Warsaw,
      Helsinki, Copenhagen, Stockholm, Beijing, Mumbai, Zurich, Munich, Hamburg, Barcelona, Milan,
      Istanbul, Dubai, Singapore, Osaka, Kyoto, Seattle, Denver, Austin, Miami, Montreal, Vancouver,
      Brussels, Budapest
    country: France, Japan, Peru, Germany, Spain, Italy, Egypt, Kenya, India, Brazil, Canada, Norway,
      Austria, Portugal, Greece, Chile, Mexico, Poland, Ireland, Sweden
    planet: Mercury, Venus, Earth, Mars, Jupiter, Saturn, Uranus, Neptune
    ocean: Pacific, Atlantic, Indian, Southern, Arctic
    continent: Africa, Antarctica, Asia, Europe, North America, Australia, South America
    language: English, Spanish, French, German, Japanese, Italian, Portuguese, Arabic, Hindi, Swahili,
      Polish, Greek
    programming language: Python, Rust, Go, Java, C, Ruby, Haskell, Kotlin, Swift, Lua
    day: Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday
    month: January, February, March, April, May, June, July, August, September, October, November,
      December
    season: spring, summer, autumn, winter
    name: Alice, Ben, Clara, David, Elena, Felix, Grace, Hugo, Iris, Jonas, Klara, Leo, Maria, Noah,
      Olga, Peter, Rosa, Simon, Tara, Victor
    river: Nile, Amazon, Danube, Rhine, Ganges, Mekong, Volga, Thames, Niger, Loire
    mountain: Everest, Kilimanjaro, Denali, Matterhorn, Fuji, Elbrus, Aconcagua, Etna
    tree: oak, birch, pine, maple, willow, cedar, beech, elm, ash, larch
    flower: rose, tulip, daisy, lily, orchid, violet, poppy, iris, peony, lavender
    metal: iron, copper, gold, silver, tin, zinc, lead, nickel, titanium, aluminium
    sport: football, tennis, swimming, cycling, hockey, rowing, boxing, chess, golf, rugby
    instrument: piano, violin, guitar, flute, drum, harp, cello, trumpet, oboe, clarinet
    food: bread, soup, rice, pasta, cheese, salad, curry, pizza, omelette, stew
    drink: water, tea, coffee, juice, milk, lemonade, cocoa, cider
    shape: circle, square, triangle, hexagon, star, oval, cube, sphere
    emotion: joy, calm, anger, fear, hope, pride, envy, surprise
    profession: teacher, nurse, baker, engineer, farmer, pilot, writer, carpenter, judge
    letter: A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T, U, V, W, X, Y, Z
    """
)

ALIASES = _pairs(
    """
    color = colour; town = city; capital = city; job = profession; occupation = profession; weekday = day;
    pet = animal; mammal = animal; creature = animal; nation = country; feeling = emotion; dish = food;
    meal = food; beverage = drink; berry = fruit; first name = name; girl's name = name; boy's name =
    name; person = name; people = name; veggie = vegetable; plant = flower; bug = insect; game = sport;
    element = metal
    """
)

WORDS = _words(
    """
    river apple stone cloud tiger music bread chair dream eagle flame grape heart ivory jewel knife lemon
    mango night ocean piano queen robot sugar table unity voice water yacht zebra amber beach crown dance
    earth frost globe honey image juice light maple noble olive pearl quilt raven shelf torch ultra vivid
    whale bridge candle dragon forest garden hammer island jacket kitten ladder magnet needle orange
    pencil rabbit silver temple velvet window anchor basket castle desert engine feather glacier harvest
    journey kingdom lantern meadow orchard penguin quarter rainbow sunrise thunder umbrella village
    whisper mountain notebook elephant keyboard sun sky sea map pen cup oak fox owl bee ant ice tea leaf
    moon star wind rain snow bird fish tree lake sand gold iron ship road lamp door book song wolf bear
    hill rock cave gate pond seed wall
    """
)

CAPITALS = _pairs(
    """
    france = Paris; germany = Berlin; italy = Rome; spain = Madrid; portugal = Lisbon; england = London;
    uk = London; united kingdom = London; britain = London; ireland = Dublin; austria = Vienna;
    switzerland = Bern; poland = Warsaw; sweden = Stockholm; norway = Oslo; denmark = Copenhagen; finland
    = Helsinki; greece = Athens; egypt = Cairo; kenya = Nairobi; japan = Tokyo; china = Beijing; india =
    New Delhi; peru = Lima; brazil = Brasília; canada = Ottawa; mexico = Mexico City; australia =
    Canberra; russia = Moscow; turkey = Ankara; argentina = Buenos Aires; chile = Santiago; united states
    = Washington, D.C.; usa = Washington, D.C.; netherlands = Amsterdam; belgium = Brussels; hungary =
    Budapest; south korea = Seoul
    """
)

PROSE = _table(
    """
    adj: quiet, bright, timeless, gentle, distant, curious, patient, golden, silver, hidden, broad,
      restless, simple, deep, warm, narrow, lively, pale, brave, slow, strange, wide
    noun: river, garden, village, forest, window, harbour, mountain, lantern, meadow, bridge, market,
      valley, castle, island, letter, road, tower, library, field, shore, city
    person: traveller, teacher, farmer, child, sailor, baker, painter, musician, stranger, neighbour,
      gardener, writer, student, captain, shepherd, doctor
    did: watched, remembered, followed, discovered, described, admired, crossed, found, explored,
      visited, reached, noticed, painted, studied
    went: wandered, travelled, returned, hurried, climbed, walked, sailed, drifted, turned, moved
    does: shapes, supports, changes, connects, touches, improves, explains, carries, enriches, guides
    thing: notion, habit, question, pattern, story, reason, lesson, detail, sample, result, practice,
      tradition, method, process, decision
    when: morning, evening, summer, winter, autumn, spring, night, afternoon
    how: slowly, quietly, carefully, gladly, together, again, often, easily, patiently, always
    feel: hope, wonder, courage, patience, joy, kindness, calm, trust, pride, curiosity
    """
)

FUNCTION_WORDS = frozenset(
    _words(
        """
    a about above after again all also am an and answer any are as ask at be because been before being
    below between both but by call calls can could did do does doing don't done down each either else ever
    every exactly few first for from function further get give given go had has have having he her here
    hers him his how i i'd i'm i've if in into is it it's its itself just know last let let's like made
    make many may me mention mentioned mine more most much must my myself need no nor not now of off on
    once one only or other our out output over own please print put question remember reply respond said
    same say sent sentence she should show single so some such tell than thank thanks that that's the
    their them then there there's these they this those through thus to told too tool tools under until up
    us use used using very want was way we were what what's when where which while who who's whom
    whose why will with word would write yet you your yours
        """
    )
)

SYNONYMS = _pairs(
    """
    color = colour; town = city; secret = password; passphrase = password; passcode = password; hot =
    temperature; warm = temperature; cold = temperature; job = work; profession = work; occupation = work;
    employ = work; live = home; resid = home; old = age; year-old = age; cost = price; phone = number;
    mail = email; e-mail = email; favourite = favoured; favorite = favoured; love = like; prefer =
    favoured; called = name; cheap = price; expens = price
    """
)

UNITS = _words(
    """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen
    """
)

TENS = ("", *_words("ten twenty thirty forty fifty sixty seventy eighty ninety"))

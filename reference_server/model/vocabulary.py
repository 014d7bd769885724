"""The words the model knows by kind. Data only."""

LISTS: dict[str, tuple[str, ...]] = {
    "fruit": ("apple", "banana", "cherry", "mango", "orange", "pear", "grape", "kiwi", "peach", "plum", "lemon",
              "melon", "papaya", "fig", "apricot", "raspberry", "strawberry", "pineapple", "lime", "guava"),
    "vegetable": ("carrot", "potato", "onion", "tomato", "spinach", "broccoli", "cabbage", "pepper", "lettuce",
                  "cucumber", "celery", "radish", "pumpkin", "leek", "garlic", "turnip"),
    "colour": ("red", "blue", "green", "yellow", "orange", "purple", "pink", "brown", "black", "white", "grey",
               "violet", "teal", "crimson", "indigo", "amber", "ivory", "olive"),
    "animal": ("dog", "cat", "horse", "elephant", "tiger", "rabbit", "wolf", "otter", "dolphin", "eagle", "panda",
               "giraffe", "zebra", "kangaroo", "turtle", "lion", "camel", "goat", "badger", "falcon"),
    "bird": ("robin", "eagle", "sparrow", "owl", "falcon", "heron", "penguin", "swan", "raven", "finch"),
    "fish": ("salmon", "trout", "cod", "tuna", "herring", "carp", "perch", "pike", "eel", "mackerel"),
    "insect": ("ant", "bee", "beetle", "butterfly", "moth", "wasp", "cricket", "dragonfly", "fly", "ladybird"),
    "city": ("Paris", "Tokyo", "Lima", "London", "Berlin", "Madrid", "Rome", "Cairo", "Sydney", "Toronto",
             "Oslo", "Vienna", "Lisbon", "Delhi", "Nairobi", "Chicago", "Dublin", "Athens", "Seoul", "Boston",
             "Amsterdam", "Prague", "Warsaw", "Helsinki", "Copenhagen", "Stockholm", "Beijing", "Mumbai",
             "Zurich", "Munich", "Hamburg", "Barcelona", "Milan", "Istanbul", "Dubai", "Singapore", "Osaka",
             "Kyoto", "Seattle", "Denver", "Austin", "Miami", "Montreal", "Vancouver", "Brussels", "Budapest"),
    "country": ("France", "Japan", "Peru", "Germany", "Spain", "Italy", "Egypt", "Kenya", "India", "Brazil",
                "Canada", "Norway", "Austria", "Portugal", "Greece", "Chile", "Mexico", "Poland", "Ireland",
                "Sweden"),
    "planet": ("Mercury", "Venus", "Earth", "Mars", "Jupiter", "Saturn", "Uranus", "Neptune"),
    "ocean": ("Pacific", "Atlantic", "Indian", "Southern", "Arctic"),
    "continent": ("Africa", "Antarctica", "Asia", "Europe", "North America", "Australia", "South America"),
    "language": ("English", "Spanish", "French", "German", "Japanese", "Italian", "Portuguese", "Arabic",
                 "Hindi", "Swahili", "Polish", "Greek"),
    "programming language": ("Python", "Rust", "Go", "Java", "C", "Ruby", "Haskell", "Kotlin", "Swift", "Lua"),
    "day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "month": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
              "November", "December"),
    "season": ("spring", "summer", "autumn", "winter"),
    "name": ("Alice", "Ben", "Clara", "David", "Elena", "Felix", "Grace", "Hugo", "Iris", "Jonas", "Klara", "Leo",
             "Maria", "Noah", "Olga", "Peter", "Rosa", "Simon", "Tara", "Victor"),
    "river": ("Nile", "Amazon", "Danube", "Rhine", "Ganges", "Mekong", "Volga", "Thames", "Niger", "Loire"),
    "mountain": ("Everest", "Kilimanjaro", "Denali", "Matterhorn", "Fuji", "Elbrus", "Aconcagua", "Etna"),
    "tree": ("oak", "birch", "pine", "maple", "willow", "cedar", "beech", "elm", "ash", "larch"),
    "flower": ("rose", "tulip", "daisy", "lily", "orchid", "violet", "poppy", "iris", "peony", "lavender"),
    "metal": ("iron", "copper", "gold", "silver", "tin", "zinc", "lead", "nickel", "titanium", "aluminium"),
    "sport": ("football", "tennis", "swimming", "cycling", "hockey", "rowing", "boxing", "chess", "golf", "rugby"),
    "instrument": ("piano", "violin", "guitar", "flute", "drum", "harp", "cello", "trumpet", "oboe", "clarinet"),
    "food": ("bread", "soup", "rice", "pasta", "cheese", "salad", "curry", "pizza", "omelette", "stew"),
    "drink": ("water", "tea", "coffee", "juice", "milk", "lemonade", "cocoa", "cider"),
    "shape": ("circle", "square", "triangle", "hexagon", "star", "oval", "cube", "sphere"),
    "emotion": ("joy", "calm", "anger", "fear", "hope", "pride", "envy", "surprise"),
    "profession": ("teacher", "nurse", "baker", "engineer", "farmer", "pilot", "writer", "carpenter", "judge"),
    "letter": tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
}  # fmt: skip

ALIASES = {
    "color": "colour", "town": "city", "capital": "city", "job": "profession", "occupation": "profession",
    "weekday": "day", "pet": "animal", "mammal": "animal", "creature": "animal", "nation": "country",
    "feeling": "emotion", "dish": "food", "meal": "food", "beverage": "drink", "berry": "fruit",
    "first name": "name", "girl's name": "name", "boy's name": "name", "person": "name", "people": "name",
    "veggie": "vegetable", "plant": "flower", "bug": "insect", "game": "sport", "element": "metal",
}  # fmt: skip

WORDS = tuple(
    """river apple stone cloud tiger music bread chair dream eagle flame grape heart ivory jewel knife lemon mango
    night ocean piano queen robot sugar table unity voice water yacht zebra amber beach crown dance earth frost
    globe honey image juice light maple noble olive pearl quilt raven shelf torch ultra vivid whale bridge candle
    dragon forest garden hammer island jacket kitten ladder magnet needle orange pencil rabbit silver temple
    velvet window anchor basket castle desert engine feather glacier harvest journey kingdom lantern meadow
    orchard penguin quarter rainbow sunrise thunder umbrella village whisper mountain notebook elephant keyboard
    sun sky sea map pen cup oak fox owl bee ant ice tea leaf moon star wind rain snow bird fish tree lake sand
    gold iron ship road lamp door book song wolf bear hill rock cave gate pond seed wall""".split()
)  # fmt: skip

CAPITALS = {
    "france": "Paris", "germany": "Berlin", "italy": "Rome", "spain": "Madrid", "portugal": "Lisbon",
    "england": "London", "uk": "London", "united kingdom": "London", "britain": "London", "ireland": "Dublin",
    "austria": "Vienna", "switzerland": "Bern", "poland": "Warsaw", "sweden": "Stockholm", "norway": "Oslo",
    "denmark": "Copenhagen", "finland": "Helsinki", "greece": "Athens", "egypt": "Cairo", "kenya": "Nairobi",
    "japan": "Tokyo", "china": "Beijing", "india": "New Delhi", "peru": "Lima", "brazil": "Brasília",
    "canada": "Ottawa", "mexico": "Mexico City", "australia": "Canberra", "russia": "Moscow", "turkey": "Ankara",
    "argentina": "Buenos Aires", "chile": "Santiago", "united states": "Washington, D.C.", "usa": "Washington, D.C.",
    "netherlands": "Amsterdam", "belgium": "Brussels", "hungary": "Budapest", "south korea": "Seoul",
}  # fmt: skip

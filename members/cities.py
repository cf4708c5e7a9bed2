"""Cities and towns with their health region and clock, so that nobody has to look them up (O2).

East Kootenay follows Alberta's clock, Peace, Northern Rockies and Creston have zones of their own.
A site keeps what its form says: this table only proposes.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache

from cop.core.time import DEFAULT_ZONE
from members.models import Site

Region = Site.Region


@dataclass(frozen=True)
class City:
    name: str
    region: str
    zone: str = DEFAULT_ZONE


PEACE, NORTHERN_ROCKIES = "America/Dawson_Creek", "America/Fort_Nelson"
CRESTON, EAST_KOOTENAY = "America/Creston", "America/Edmonton"
# By health region and clock; where two have the same name, the one people mean.
PLACES: tuple[tuple[str, str, str], ...] = (
    (
        Region.FRASER,
        DEFAULT_ZONE,
        "Abbotsford, Agassiz, Aldergrove, Anmore, Boston Bar, Burnaby, Chilliwack, Coquitlam, "
        "Delta, Harrison Hot Springs, Hope, Kent, Ladner, Langley, Maple Ridge, Mission, "
        "New Westminster, Pitt Meadows, Port Coquitlam, Port Moody, Surrey, Tsawwassen, "
        "White Rock, Yale",
    ),
    (
        Region.VANCOUVER_COASTAL,
        DEFAULT_ZONE,
        "Bella Bella, Bella Coola, Bowen Island, Gibsons, Lions Bay, North Vancouver, Pemberton, "
        "Powell River, Richmond, Roberts Creek, Sechelt, Squamish, Vancouver, West Vancouver, "
        "Whistler",
    ),
    (
        Region.ISLAND,
        DEFAULT_ZONE,
        "Alert Bay, Campbell River, Chemainus, Colwood, Comox, Courtenay, Cumberland, Duncan, "
        "Esquimalt, Gabriola Island, Gold River, Ladysmith, Lake Cowichan, Langford, Mill Bay, "
        "Nanaimo, Oak Bay, Parksville, Port Alberni, Port Hardy, Port McNeill, Qualicum Beach, "
        "Quadra Island, Saanich, Salt Spring Island, Sidney, Sooke, Tofino, Ucluelet, Victoria, "
        "View Royal",
    ),
    (
        Region.INTERIOR,
        DEFAULT_ZONE,
        "100 Mile House, Armstrong, Ashcroft, Barriere, Cache Creek, Castlegar, Chase, Clearwater, "
        "Clinton, Enderby, Grand Forks, Kamloops, Kaslo, Kelowna, Keremeos, Lake Country, "
        "Lillooet, Lumby, Lytton, Merritt, Nakusp, Nelson, New Denver, Oliver, Osoyoos, Peachland, "
        "Penticton, Princeton, Revelstoke, Rossland, Salmo, Salmon Arm, Sicamous, Summerland, "
        "Trail, Vernon, West Kelowna, Williams Lake",
    ),
    (
        Region.INTERIOR,
        EAST_KOOTENAY,
        "Cranbrook, Elkford, Fernie, Golden, Invermere, Kimberley, Radium Hot Springs, Sparwood",
    ),
    (Region.INTERIOR, CRESTON, "Creston"),
    (
        Region.NORTHERN,
        DEFAULT_ZONE,
        "Burns Lake, Dease Lake, Fort St. James, Fraser Lake, Hazelton, Houston, Kitimat, "
        "Mackenzie, Masset, McBride, Prince George, Prince Rupert, Queen Charlotte, Quesnel, "
        "Skidegate, Smithers, Stewart, Telkwa, Terrace, Valemount, Vanderhoof",
    ),
    (
        Region.NORTHERN,
        PEACE,
        "Chetwynd, Dawson Creek, Fort St. John, Hudson's Hope, Pouce Coupe, Taylor, Tumbler Ridge",
    ),
    (Region.NORTHERN, NORTHERN_ROCKIES, "Fort Nelson"),
    (Region.OTHER, "America/Edmonton", "Calgary, Edmonton, Lethbridge, Red Deer"),
    (Region.OTHER, "America/Whitehorse", "Whitehorse"),
    (Region.OTHER, "America/Yellowknife", "Yellowknife"),
    (Region.OTHER, "America/Regina", "Regina, Saskatoon"),
    (Region.OTHER, "America/Winnipeg", "Winnipeg"),
    (Region.OTHER, "America/Toronto", "Hamilton, Kingston, Montréal, Ottawa, Sudbury, Toronto"),
    (Region.OTHER, "America/Halifax", "Halifax, Moncton"),
    (Region.OTHER, "America/St_Johns", "St. John's"),
)
CITIES = tuple(
    City(name, str(region), zone) for region, zone, names in PLACES for name in names.split(", ")
)
# As people write them in an address.
SHORT = {"ft": "fort", "mt": "mount", "n": "north", "w": "west", "pt": "port", "st": "saint"}
ALIASES = {
    "new west": "New Westminster",
    "poco": "Port Coquitlam",
    "pg": "Prince George",
    "daajing giids": "Queen Charlotte",
    "one hundred mile house": "100 Mile House",
    "qathet": "Powell River",
    "montreal": "Montréal",
    "langley city": "Langley",
    "district of north vancouver": "North Vancouver",
}


def find_city(words: str) -> City | None:
    """ "fort st john", "Ft. St. John, BC" and "FORT SAINT JOHN" all find Fort St. John."""
    key = fold_city(words)
    return _by_key().get(key) if key else None


def fold_city(words: str) -> str:
    """Small letters without accents and points, short forms written out, without the province."""
    flat = unicodedata.normalize("NFKD", words.partition(",")[0].casefold())
    kept = "".join(c for c in flat if not unicodedata.combining(c) and c not in "'’.")
    letters = "".join(c if c.isalnum() else " " for c in kept)
    parts = [SHORT.get(part, part) for part in letters.split()]
    if len(parts) > 1 and parts[-1] == "bc":
        parts.pop()
    return " ".join(parts)


@cache
def _by_key() -> dict[str, City]:
    named = {fold_city(city.name): city for city in CITIES}
    exact = {city.name: city for city in CITIES}
    return named | {fold_city(alias): exact[name] for alias, name in ALIASES.items()}

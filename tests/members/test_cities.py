import pytest

from cop.core.time import ZONES
from members.cities import CITIES, find_city
from members.models import Site


@pytest.mark.parametrize(
    ("words", "name", "region", "zone"),
    [
        ("fort st john", "Fort St. John", "northern", "America/Dawson_Creek"),
        ("Ft. St. John, BC", "Fort St. John", "northern", "America/Dawson_Creek"),
        ("FORT SAINT JOHN", "Fort St. John", "northern", "America/Dawson_Creek"),
        ("hudsons hope", "Hudson's Hope", "northern", "America/Dawson_Creek"),
        ("Fort Nelson", "Fort Nelson", "northern", "America/Fort_Nelson"),
        ("creston bc", "Creston", "interior", "America/Creston"),
        (" Cranbrook ", "Cranbrook", "interior", "America/Edmonton"),
        ("Kimberley", "Kimberley", "interior", "America/Edmonton"),
        ("N. Vancouver", "North Vancouver", "vancouver_coastal", "America/Vancouver"),
        ("montreal", "Montréal", "other", "America/Toronto"),
        ("Surrey", "Surrey", "fraser", "America/Vancouver"),
        ("Powell  River", "Powell River", "vancouver_coastal", "America/Vancouver"),
        ("Victoria", "Victoria", "island", "America/Vancouver"),
        ("Quesnel", "Quesnel", "northern", "America/Vancouver"),
    ],
)
def test_find_city_knows_region_and_clock(words, name, region, zone):
    city = find_city(words)

    assert (city.name, city.region, city.zone) == (name, region, zone)


@pytest.mark.parametrize("words", ["", "  ", "BC", "Nowhere at All", "ʔa", ", BC", "x" * 5000])
def test_find_city_says_nothing_of_what_it_does_not_know(words):
    assert find_city(words) is None


def test_cities_are_whole():
    names = [city.name for city in CITIES]
    assert len(names) == len(set(names))
    assert sum(city.region != "other" for city in CITIES) >= 60
    assert {city.region for city in CITIES} == set(Site.Region.values)
    assert {city.zone for city in CITIES} <= set(ZONES)
    assert all(find_city(city.name) is city for city in CITIES)

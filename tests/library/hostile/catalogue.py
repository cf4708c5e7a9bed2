from tests.library.hostile import Hostile
from tests.library.hostile.others import OTHERS
from tests.library.hostile.packed import PACKED
from tests.library.hostile.papers import PAPERS
from tests.library.hostile.pictures import PICTURES

CATALOGUE: dict[str, Hostile] = PAPERS | PACKED | PICTURES | OTHERS

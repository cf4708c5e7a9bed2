"""Les dates comme on les écrit au Canada français."""

DATE_FORMAT = "j F Y"
SHORT_DATE_FORMAT = "j M Y"
TIME_FORMAT = "G \\h i"
DATETIME_FORMAT = "j F Y, G \\h i"
SHORT_DATETIME_FORMAT = "j M Y, G \\h i"
FIRST_DAY_OF_WEEK = 1

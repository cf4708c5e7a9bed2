import os

from django.core.wsgi import get_wsgi_application

from cop.core.time import refuse_old_zone_data

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cop.settings")
application = get_wsgi_application()
refuse_old_zone_data()

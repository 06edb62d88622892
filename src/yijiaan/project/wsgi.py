"""The entry of the web server: `granian --interface wsgi yijiaan.project.wsgi:application`."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yijiaan.project.settings")

application = get_wsgi_application()

# What is loaded now stays as long as the process: the collector need not walk it again and again (a twelfth of a page's time)
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)

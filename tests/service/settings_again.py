"""The tests' settings for a process of its own: the same folder, and the database that the tests have made."""

import os

from brightline.service.settings import *  # noqa: F403

DATABASES["default"]["NAME"] = os.environ["BRIGHTLINE_TEST_DATABASE"]  # noqa: F405

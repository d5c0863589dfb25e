"""The application's settings over a data folder of the tests' own, gone with the process."""

import atexit
import os
import shutil
import tempfile

_FOLDER = tempfile.mkdtemp(prefix="brightline-test-")
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
os.environ["BRIGHTLINE_HOME"] = _FOLDER

from brightline.service.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the tests sign in thousands of times
if not os.environ.get("DATABASE_URL"):
    DATABASES["default"]["TEST"] = {"NAME": f"{_FOLDER}/test.sqlite3"}  # noqa: F405  a real file, not memory

"""The web application around all of it: an agency receives, decides, answers and reports requests.

`people`, `record` and `look` are common ground and know nothing of any face; `gate` is the first face.
"""

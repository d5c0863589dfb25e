"""The reform workbench: a page on which a reform is written, checked and proven against the law as it is.

`app.application` is a WSGI application; `serve` puts it on the loopback interface. Nothing is written to disk.
"""

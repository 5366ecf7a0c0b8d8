# Written by tools/make_stubs.py; change the sources and run it again.

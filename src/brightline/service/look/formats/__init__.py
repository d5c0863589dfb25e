"""How days and times are written, in one module for each language (`FORMAT_MODULE_PATH`)."""

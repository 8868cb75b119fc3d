# SPDX-License-Identifier: GPL-2.0
"""The book, for Sphinx: make docs."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "sphinx"))

project = "ksrtp"
author = "The ksrtp developers"
copyright = "The ksrtp developers"
extensions = ["kerneldoc", "netlinkspec"]
exclude_patterns = ["sphinx"]
language = "en"
html_theme = "alabaster"
html_theme_options = {"description": "SRTP in the Linux kernel, keyed by MIKEY",
                      "page_width": "70em"}
html_show_sphinx = False
# The same octets from each build.
html_last_updated_fmt = None
highlight_language = "none"

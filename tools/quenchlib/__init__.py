# SPDX-License-Identifier: MIT
"""The parts of tools/quench: standard library only, Python 3.11 or later."""

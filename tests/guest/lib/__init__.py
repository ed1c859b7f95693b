# SPDX-License-Identifier: MIT
"""What the guest cases stand on: booting, QEMU's monitor, the gdb protocol, checks as TAP."""

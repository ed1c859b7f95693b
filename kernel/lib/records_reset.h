/* SPDX-License-Identifier: MIT */
/* For panic alone: ends whatever record was being written. */
#pragma once

void record_reset(void);

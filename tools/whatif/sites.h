/* SPDX-License-Identifier: MIT */
/* Each site with all there is to know about it, as JSON: the material of `tools/quench explain`. */
#pragma once

#include "forge.h"
#include "json.h"

/*
 * Prints one line a site, an outer one before those nested in it: place, condition, versions with
 * code as it was assembled, code before and after, and the exception table entries of any of them.
 * After forge_text for the same features, which gave `result`. False with a sentence in `error`.
 */
bool sites_print(const struct forge *forge, const struct feature_set *features,
		 const struct forging *result, struct json *json, char *error, size_t error_bytes);

/* SPDX-License-Identifier: MIT */
/* JSON, member by member, to a stream; commas come by themselves. */
#pragma once

#include <quench/types.h>
#include <stdio.h>

struct json {
	FILE *out;
	bool comma; /* one is due before the next value */
};

/* `key` is NULL within an array and at the top. `bracket` is '{' or '[', or its partner. */
void json_open(struct json *json, const char *key, char bracket);
void json_close(struct json *json, char bracket);
void json_end(struct json *json); /* the line */
/* What is not printable ASCII is escaped as Latin-1. NULL: null. */
void json_text(struct json *json, const char *key, const char *value);
void json_number(struct json *json, const char *key, u64 value);
void json_bool(struct json *json, const char *key, bool value);
void json_address(struct json *json, const char *key, u64 value); /* "0x1234" */
void json_hex(struct json *json, const char *key, const u8 *bytes, size_t n);

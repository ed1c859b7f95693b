/* SPDX-License-Identifier: MIT */
/* RFC 8259 as far as the tools need it. */
#include "json.h"

static void begin(struct json *json, const char *key)
{
	if (json->comma)
		fputc(',', json->out);
	json->comma = true;
	if (key)
		fprintf(json->out, "\"%s\":", key);
}

void json_open(struct json *json, const char *key, char bracket)
{
	begin(json, key);
	fputc(bracket, json->out);
	json->comma = false;
}

void json_close(struct json *json, char bracket)
{
	fputc(bracket, json->out);
	json->comma = true;
}

void json_end(struct json *json)
{
	fputc('\n', json->out);
	json->comma = false;
}

void json_text(struct json *json, const char *key, const char *value)
{
	begin(json, key);
	if (!value) {
		fputs("null", json->out);
		return;
	}
	fputc('"', json->out);
	for (; *value; value++) {
		u8 c = (u8)*value;

		if (c == '"' || c == '\\')
			fprintf(json->out, "\\%c", c);
		else if (c < ' ' || c > '~')
			fprintf(json->out, "\\u%04x", c);
		else
			fputc(c, json->out);
	}
	fputc('"', json->out);
}

void json_number(struct json *json, const char *key, u64 value)
{
	begin(json, key);
	fprintf(json->out, "%lu", value);
}

void json_bool(struct json *json, const char *key, bool value)
{
	begin(json, key);
	fputs(value ? "true" : "false", json->out);
}

void json_address(struct json *json, const char *key, u64 value)
{
	begin(json, key);
	fprintf(json->out, "\"0x%lx\"", value);
}

void json_hex(struct json *json, const char *key, const u8 *bytes, size_t n)
{
	begin(json, key);
	fputc('"', json->out);
	for (size_t i = 0; i < n; i++)
		fprintf(json->out, "%02x", bytes[i]);
	fputc('"', json->out);
}

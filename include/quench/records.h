/* SPDX-License-Identifier: MIT */
/*
 * Records for programs: JSON Lines on COM2, one object a line; docs/records.md
 * is the schema. Build one with record_begin, any number of members, record_end.
 * Boot context and process context; not from interrupts (a panic resets the writer).
 */
#pragma once

#include <quench/types.h>

void record_begin(const char *type);                         /* {"t":"type" */
void record_string(const char *key, const char *value);      /* ,"key":"value", escaped */
void record_u64(const char *key, u64 value);                 /* ,"key":123 */
void record_address(const char *key, u64 value);             /* ,"key":"0x1234" */
void record_hex(const char *key, const u8 *bytes, size_t n); /* ,"key":"0fca90" */
void record_bool(const char *key, bool value);               /* ,"key":true */
void record_symbol(const char *key, u64 address);            /* ,"key":"name+0x12" */
void record_array(const char *key);                          /* ,"key":[ */
void record_element(const char *value);                      /* "value" within the array */
void record_array_end(void);                                 /* ] */
void record_end(void);                                       /* }\n */

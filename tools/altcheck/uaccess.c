/* SPDX-License-Identifier: MIT */
/* Functions that altcheck knows by name. PURE. */
#include "uaccess.h"

#include <fnmatch.h>
#include <stddef.h>

#define RSI_ REG_BIT(REG_RSI)
#define RDI_ REG_BIT(REG_RDI)
#define RDX_ REG_BIT(REG_RDX)
#define RCX_ REG_BIT(REG_RCX)
#define R8_  REG_BIT(REG_R8)

static const struct user_routine routines[] = {
	{ "copy_user_*", RDI_ | RSI_, 0 }, /* either may be the user's */
	{ "clear_user_*", RDI_, 0 },
	{ "clear_user", RDI_, 0 },
	{ "copy_to_user", RDI_, RSI_ },
	{ "copy_from_user", RSI_, RDI_ },
	{ "get_user_*", RSI_, RDI_ },
	{ "put_user_*", RSI_, 0 },
	{ "cmpxchg_user_*", RDI_, RSI_ },
	{ "strncpy_from_user", RSI_, RDI_ },
	{ "strnlen_user", RDI_, 0 },
	{ "x86_fpu_load_user", RDI_, 0 },
	{ "x86_fpu_load_frame", RDI_, 0 },
	{ "x86_fxload_user", RDI_, 0 },
	{ "x86_signal_frame_write", RDI_, RDX_ | RCX_ | R8_ },
	{ "x86_signal_frame_read", RDI_, RSI_ | RDX_ },
};

static const char *const entries[] = {
	"x86_trap_stubs",
	"x86_trap_common",
	"x86_trap_paranoid",
};

const struct user_routine *user_routine_named(const char *name)
{
	for (size_t i = 0; i < sizeof(routines) / sizeof(routines[0]); i++)
		if (!fnmatch(routines[i].pattern, name, 0))
			return &routines[i];
	return NULL;
}

bool is_interrupt_entry(const char *name)
{
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		if (!fnmatch(entries[i], name, 0))
			return true;
	return false;
}

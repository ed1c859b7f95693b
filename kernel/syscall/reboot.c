/* SPDX-License-Identifier: MIT */
/* reboot(2). */
#include <arch/cpu.h>
#include <asm/errno.h>
#include <kernel/syscall/signals.h>
#include <linux/reboot.h>
#include <quench/log.h>
#include <quench/records.h>

static __noreturn void end(const char *how, enum arch_exit exit)
{
	log_line("quench: %s", how);
	record_begin("exit");
	record_u64("status", 0);
	record_end();
	arch_exit(ARCH_PASS, exit);
}

s64 sys_reboot(const struct syscall *call)
{
	u32 magic2 = (u32)call->arg[1];

	if ((u32)call->arg[0] != LINUX_REBOOT_MAGIC1 ||
	    (magic2 != LINUX_REBOOT_MAGIC2 && magic2 != LINUX_REBOOT_MAGIC2A &&
	     magic2 != LINUX_REBOOT_MAGIC2B && magic2 != LINUX_REBOOT_MAGIC2C))
		return -EINVAL;
	switch ((u32)call->arg[2]) {
	case LINUX_REBOOT_CMD_RESTART:
		end("restart", ARCH_EXIT_REBOOT);
	case LINUX_REBOOT_CMD_HALT:
	case LINUX_REBOOT_CMD_POWER_OFF:
		end("power off", ARCH_EXIT_POWEROFF);
	case LINUX_REBOOT_CMD_CAD_ON:
	case LINUX_REBOOT_CMD_CAD_OFF:
		return 0; /* there is no keyboard whose three keys could do it */
	default:
		return -EINVAL;
	}
}

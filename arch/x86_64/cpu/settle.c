/* SPDX-License-Identifier: MIT */
/* From CPUID's answers and the command line to the set that code is chosen by. PURE. */
#include <asm/errno.h>
#include <quench/format.h>
#include <x86/cpu_settle.h>

int cpu_settle(const struct cpuid_row *rows, size_t n, const struct cpu_controls *controls,
	       const char *cpu_list, const char *copy_name, struct cpu_verdict *verdict,
	       char *error, size_t error_bytes)
{
	int status, lacking;

	cpu_judge(rows, n, controls, &verdict->facts);
	verdict->features = verdict->facts.judged;
	lacking = cpu_lacks(&verdict->features);
	if (lacking >= 0) {
		format(error, error_bytes, "this processor lacks %s (%s)",
		       feature_name((unsigned)lacking), feature_text((unsigned)lacking));
		return -EINVAL;
	}
	status = cpu_list_apply(cpu_list, &verdict->features, error, error_bytes);
	if (status)
		return status;
	status = copy_policy(&verdict->features, copy_name, &verdict->copy, error, error_bytes);
	if (status)
		return status;
	copy_policy_apply(&verdict->copy, &verdict->features);
	cpu_constants(&verdict->copy, verdict->constants);
	return 0;
}

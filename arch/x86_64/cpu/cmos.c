/* SPDX-License-Identifier: MIT */
/* The battery clock. Motorola MC146818A data sheet, "Time, Calendar, and Alarm Locations". */
#include <quench/string.h>
#include <x86/io.h>
#include <x86/machine.h>

#define CMOS_INDEX 0x70
#define CMOS_DATA  0x71

enum {
	CMOS_SECOND = 0x00,
	CMOS_MINUTE = 0x02,
	CMOS_HOUR = 0x04,
	CMOS_DAY = 0x07,
	CMOS_MONTH = 0x08,
	CMOS_YEAR = 0x09,
	CMOS_STATUS_A = 0x0a,
	CMOS_STATUS_B = 0x0b,
	CMOS_CENTURY = 0x32, /* by custom; ACPI's FADT names it */
};
#define STATUS_A_UPDATING 0x80
#define STATUS_B_BINARY   0x04
#define STATUS_B_24_HOURS 0x02
#define HOUR_PM           0x80

struct cmos_time {
	u8 second, minute, hour, day, month, year, century;
};

static u8 cmos_read(u8 index)
{
	x86_out8(CMOS_INDEX, index);
	return x86_in8(CMOS_DATA);
}

static struct cmos_time read_once(void)
{
	for (int polls = 0; polls < 10000 && cmos_read(CMOS_STATUS_A) & STATUS_A_UPDATING; polls++)
		;
	return (struct cmos_time){
		.second = cmos_read(CMOS_SECOND),
		.minute = cmos_read(CMOS_MINUTE),
		.hour = cmos_read(CMOS_HOUR),
		.day = cmos_read(CMOS_DAY),
		.month = cmos_read(CMOS_MONTH),
		.year = cmos_read(CMOS_YEAR),
		.century = cmos_read(CMOS_CENTURY),
	};
}

/* Two equal readings in a row were not torn by an update between the registers. */
static struct cmos_time read_whole(void)
{
	struct cmos_time time = read_once(), again = read_once();

	for (int tries = 0; tries < 4 && memcmp(&time, &again, sizeof(time)); tries++) {
		time = again;
		again = read_once();
	}
	return again;
}

static unsigned number(u8 value, bool binary)
{
	return binary ? value : (value >> 4) * 10u + (value & 15);
}

static unsigned hour_of_day(u8 hour, u8 status)
{
	unsigned value = number(hour & ~HOUR_PM, status & STATUS_B_BINARY);

	if (status & STATUS_B_24_HOURS)
		return number(hour, status & STATUS_B_BINARY);
	return value % 12 + (hour & HOUR_PM ? 12 : 0);
}

u64 x86_cmos_seconds(void)
{
	u8 status = cmos_read(CMOS_STATUS_B);
	bool binary = status & STATUS_B_BINARY;
	struct cmos_time time = read_whole();
	unsigned century = number(time.century, binary);
	const struct x86_date date = {
		.year = (century >= 19 && century <= 21 ? century : 20) * 100 +
			number(time.year, binary),
		.month = number(time.month, binary),
		.day = number(time.day, binary),
		.hour = hour_of_day(time.hour, status),
		.minute = number(time.minute, binary),
		.second = number(time.second, binary),
	};

	return x86_date_seconds(&date);
}

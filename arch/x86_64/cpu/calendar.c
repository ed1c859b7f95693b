/* SPDX-License-Identifier: MIT */
/* A date of the Gregorian calendar as seconds since 1970. PURE. */
#include <x86/machine.h>

static bool is_leap(unsigned year)
{
	return year % 4 == 0 && (year % 100 || year % 400 == 0);
}

static unsigned days_of_month(unsigned month, unsigned year)
{
	static const u8 days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

u64 x86_date_seconds(const struct x86_date *date)
{
	u64 days = 0;

	if (date->year < 1970 || date->year > 2199 || date->month < 1 || date->month > 12 ||
	    date->day < 1 || date->day > days_of_month(date->month, date->year) ||
	    date->hour > 23 || date->minute > 59 || date->second > 59)
		return 0;
	for (unsigned year = 1970; year < date->year; year++)
		days += is_leap(year) ? 366 : 365;
	for (unsigned month = 1; month < date->month; month++)
		days += days_of_month(month, date->year);
	days += date->day - 1;
	return ((days * 24 + date->hour) * 60 + date->minute) * 60 + date->second;
}

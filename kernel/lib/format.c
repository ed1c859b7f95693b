/* SPDX-License-Identifier: MIT */
/* printf-style formatting into a buffer. PURE. */
#include <quench/format.h>

struct sink {
	char *out;
	size_t size, length;
};

/* One conversion: what stands between % and its letter. */
struct spec {
	bool zero, left, precise;
	unsigned width, precision;
	unsigned longs; /* number of l's; z counts as one */
};

static void put(struct sink *sink, char c)
{
	if (sink->length + 1 < sink->size)
		sink->out[sink->length] = c;
	sink->length++;
}

static void put_n(struct sink *sink, char c, size_t n)
{
	while (n--)
		put(sink, c);
}

static void put_padded(struct sink *sink, const struct spec *spec, const char *text, size_t n)
{
	size_t pad = spec->width > n ? spec->width - n : 0;

	if (!spec->left)
		put_n(sink, ' ', pad);
	for (size_t i = 0; i < n; i++)
		put(sink, text[i]);
	if (spec->left)
		put_n(sink, ' ', pad);
}

static void put_string(struct sink *sink, const struct spec *spec, const char *text)
{
	size_t n = 0;

	if (!text)
		text = "(null)";
	while (!(spec->precise && n >= spec->precision) && text[n])
		n++;
	put_padded(sink, spec, text, n);
}

static void put_number(struct sink *sink, const struct spec *spec, u64 value, unsigned base,
		       const char *prefix)
{
	char digits[64];
	size_t n = sizeof(digits), min = spec->precise ? spec->precision : 1;
	size_t prefix_length = 0;

	while (prefix[prefix_length])
		prefix_length++;
	do
		digits[--n] = "0123456789abcdef"[value % base];
	while (value /= base);
	if (spec->zero && !spec->left && spec->width > prefix_length)
		min = spec->width - prefix_length;
	while (sizeof(digits) - n < min && n > prefix_length)
		digits[--n] = '0';
	while (prefix_length)
		digits[--n] = prefix[--prefix_length];
	put_padded(sink, spec, digits + n, sizeof(digits) - n);
}

static unsigned parse_number(const char **format, va_list *args)
{
	unsigned value = 0;

	if (**format == '*') {
		++*format;
		return (unsigned)va_arg(*args, int);
	}
	for (; **format >= '0' && **format <= '9'; ++*format)
		value = value * 10 + (unsigned)(**format - '0');
	return value;
}

static struct spec parse_spec(const char **format, va_list *args)
{
	struct spec spec = { 0 };

	for (; **format == '0' || **format == '-'; ++*format)
		*(**format == '0' ? &spec.zero : &spec.left) = true;
	spec.width = parse_number(format, args);
	if (**format == '.') {
		++*format;
		spec.precise = true;
		spec.precision = parse_number(format, args);
	}
	for (; **format == 'l' || **format == 'z'; ++*format)
		spec.longs++;
	return spec;
}

static u64 unsigned_argument(const struct spec *spec, va_list *args)
{
	return spec->longs ? va_arg(*args, unsigned long) : va_arg(*args, unsigned int);
}

static s64 signed_argument(const struct spec *spec, va_list *args)
{
	return spec->longs ? va_arg(*args, long) : va_arg(*args, int);
}

static void put_conversion(struct sink *sink, const struct spec *spec, char letter, va_list *args)
{
	s64 value;

	switch (letter) {
	case 's':
		put_string(sink, spec, va_arg(*args, const char *));
		break;
	case 'c':
		put(sink, (char)va_arg(*args, int));
		break;
	case 'd':
		value = signed_argument(spec, args);
		put_number(sink, spec, value < 0 ? -(u64)value : (u64)value, 10,
			   value < 0 ? "-" : "");
		break;
	case 'u':
		put_number(sink, spec, unsigned_argument(spec, args), 10, "");
		break;
	case 'x':
		put_number(sink, spec, unsigned_argument(spec, args), 16, "");
		break;
	case 'p':
		put_number(sink, spec, (u64)(uintptr_t)va_arg(*args, void *), 16, "0x");
		break;
	default: /* %% and whatever was mistyped show as they are */
		put(sink, letter);
	}
}

size_t format_v(char *out, size_t size, const char *format, va_list args)
{
	struct sink sink = { out, size, 0 };
	va_list copy;

	va_copy(copy, args);
	while (*format) {
		if (*format != '%') {
			put(&sink, *format++);
			continue;
		}
		format++;
		struct spec spec = parse_spec(&format, &copy);

		if (*format)
			put_conversion(&sink, &spec, *format++, &copy);
	}
	va_end(copy);
	if (size)
		out[sink.length < size ? sink.length : size - 1] = '\0';
	return sink.length;
}

size_t format(char *out, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	size_t length = format_v(out, size, format, args);

	va_end(args);
	return length;
}

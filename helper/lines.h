/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Text as lines that end with LF or CRLF.
 */
#ifndef HELPER_LINES_H
#define HELPER_LINES_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct line - one line
 * @text: its first character; NULL before the first line
 * @len: without the line end
 * @number: counted from 1
 */
struct line {
	const char *text;
	size_t len;
	unsigned int number;
};

/**
 * line_next - the next line
 * @data: text
 * @len: of the whole text
 * @line: set forward
 * Return: false at the end.
 */
bool line_next(const char *data, size_t len, struct line *line);

/**
 * line_unfold - add the lines by which a header goes on (RFC 2326 4.2)
 * @data: text
 * @len: of the whole text
 * @line: grows by the lines that follow and begin with white space
 */
void line_unfold(const char *data, size_t len, struct line *line);

/**
 * line_begins - does it begin so?
 * @line: line
 * @word: beginning
 * @any_case: capitals do not matter
 */
bool line_begins(const struct line *line, const char *word, bool any_case);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The options of the configuration file, as a table.
 */
#ifndef HELPER_OPTION_H
#define HELPER_OPTION_H

#include "config.h"

/**
 * struct option_seen - options that were given
 * @bits: one bit for each option of the section
 */
struct option_seen {
	uint64_t bits;
};

/**
 * option_daemon_defaults - values of what [daemon] leaves out
 * @config: a new configuration
 */
void option_daemon_defaults(struct config *config);

/**
 * option_peer_defaults - values of what [peer NAME] leaves out
 * @peer: a new peer, with its name
 */
void option_peer_defaults(struct peer *peer);

/**
 * option_daemon - set an option of [daemon]
 * @config: configuration
 * @seen: what was given before
 * @name: option
 * @value: its text
 * @text: FAILURE_TEXT_MAX octets for the mistake
 * Return: 0 or -1.
 */
int option_daemon(struct config *config, struct option_seen *seen, const char *name,
		  const char *value, char *text);

/**
 * option_peer - set an option of [peer NAME]
 * @peer: peer
 * @seen: what was given before
 * @name: option
 * @value: its text
 * @text: FAILURE_TEXT_MAX octets for the mistake
 * Return: 0 or -1.
 */
int option_peer(struct peer *peer, struct option_seen *seen, const char *name,
		const char *value, char *text);

/**
 * option_group - set an option of [group NAME]
 * @group: group
 * @seen: what was given before
 * @name: option
 * @value: its text
 * @text: FAILURE_TEXT_MAX octets for the mistake
 * Return: 0 or -1.
 */
int option_group(struct group *group, struct option_seen *seen, const char *name,
		 const char *value, char *text);

/**
 * option_check_group - are the members of a group there, and do they fit together?
 * @config: configuration with its peers
 * @group: group; its members are found
 * @text: FAILURE_TEXT_MAX octets for the mistake, to stand behind the group's name
 * Return: 0 or -1.
 */
int option_check_group(const struct config *config, struct group *group, char *text);

/**
 * option_key_model - read the name of a model
 * @text: "a", "b" or "c"
 * @model: filled
 * Return: is it one?
 */
bool option_key_model(const char *text, enum key_model *model);

/**
 * option_listen - add an address to listen on
 * @config: struct config
 * @word: the address
 * @text: FAILURE_TEXT_MAX octets for the mistake
 * Return: 0 or -1.
 */
int option_listen(void *config, const char *word, char *text);

/**
 * option_check - is everything there, and does it fit together?
 * @config: configuration; relative paths become absolute
 * @tell: called for each mistake with its line, 0 for none
 * @arg: for @tell
 *
 * A section in which a mistake was found before is not asked what it lacks.
 */
void option_check(struct config *config, void (*tell)(void *arg, int line, const char *text),
		  void *arg);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A bundle as octets, for a process that goes on with its updates (RFC 3830 4.5).
 * They hold its keys: they belong into memory and nowhere else.
 */
#ifndef MIKEY_CSBSAVE_H
#define MIKEY_CSBSAVE_H

#include "csb.h"
#include "record.h"

/**
 * mikey_csb_save - append a bundle
 * @writer: where to
 * @csb: bundle
 *
 * What its last message changed (enum mikey_change) is not told: it is installed.
 */
void mikey_csb_save(struct record_writer *writer, const struct mikey_csb *csb);

/**
 * mikey_csb_load - read what mikey_csb_save() wrote
 * @reader: where from; any octets
 * @csb: the bundle, or NULL
 * @err: why not
 */
enum mikey_reason mikey_csb_load(struct record_reader *reader, struct mikey_csb **csb,
				 struct mikey_error *err);

#endif

// SPDX-License-Identifier: GPL-2.0
/*
 * plugin.so,out=FILE: a plug-in of QEMU's emulator that says which instructions a
 * figure of the benchmark is made of.
 *
 * Counts from one look of the bench program at its clock to the next, which is how
 * it makes a figure, and keeps the least of the batches, as it does; and so for the
 * calls of the module that measures the floor.  Writes a line "figure", then one
 * "ADDRESS COUNT" for each instruction, for each figure in turn.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of QEMU's interface what is used here (docs/devel/tcg-plugins). */
struct qemu_plugin_tb;
struct qemu_plugin_insn;

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
					   void (*call)(uint64_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  void (*call)(unsigned int cpu, void *data),
					  int registers, void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    void (*call)(unsigned int cpu, void *data),
					    int registers, void *data);
void qemu_plugin_register_atexit_cb(uint64_t id, void (*call)(uint64_t id, void *data),
				    void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *to, size_t len);

int qemu_plugin_version = 4;

/* Instructions that are run one after the other: how often in this batch, and in the least. */
struct block {
	uint64_t count;
	uint64_t least;
	size_t n;
	uint64_t address[];
};

static struct block **touched;	/* those with a count, or with one in the least batch */
static size_t n_touched, room;
static FILE *out;
static bool counting, marked;
static bool kernel;		/* the figure is one of the module */
static uint64_t total, least_total;

static void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

static void ran(unsigned int cpu, void *data)
{
	struct block *b = data;

	(void)cpu;
	if (!counting)
		return;
	if (!b->count++ && !b->least) {
		if (n_touched == room) {
			room = 2 * room + 1024;
			touched = must(realloc(touched, room * sizeof(*touched)));
		}
		touched[n_touched++] = b;
	}
	total += b->n;
}

static void batch_end(void)
{
	bool least = total < least_total;
	size_t i, n = 0;

	for (i = 0; i < n_touched; i++) {
		struct block *b = touched[i];

		if (least)
			b->least = b->count;
		b->count = 0;
		if (b->least)
			touched[n++] = b;
	}
	n_touched = n;
	if (least)
		least_total = total;
	total = 0;
}

/* Who measures has looked at its clock; the kernel looks at it for other reasons, too. */
static void looked(unsigned int cpu, void *data)
{
	(void)cpu;
	if (!marked || kernel != !!data)
		return;
	if (counting)
		batch_end();
	counting = !counting;
}

static void figure_end(void)
{
	size_t i, j;

	if (!marked)
		return;
	fputs("figure\n", out);
	for (i = 0; i < n_touched; i++) {
		for (j = 0; j < touched[i]->n; j++)
			fprintf(out, "%" PRIx64 " %" PRIu64 "\n", touched[i]->address[j],
				touched[i]->least);
		touched[i]->least = 0;
		touched[i]->count = 0;
	}
	n_touched = 0;
}

/* There is a mark where a figure begins, and one where it ends. */
static void at_mark(unsigned int cpu, void *data)
{
	(void)cpu;
	figure_end();
	marked = !marked;
	kernel = data;
	counting = false;
	total = 0;
	least_total = UINT64_MAX;
}

/*
 * The marks of bench.h and of the module.  Programs look at the clock by an instruction
 * of its own, the module by a mark.
 */
static void look_for_marks(struct qemu_plugin_insn *insn, uint64_t address)
{
	static const uint8_t clock[] = { 0x0f, 0x31 };
	static const uint8_t mark[] = { 0x0f, 0x1f, 0x84, 0x00, 0xed, 0x5e, 0xed, 0x5e };
	static const uint8_t call[] = { 0x0f, 0x1f, 0x84, 0x00, 0xca, 0x11, 0xca, 0x11 };
	void *in_kernel = address >> 63 ? &kernel : NULL;
	uint8_t octets[16];
	size_t len = qemu_plugin_insn_data(insn, octets, sizeof(octets));

	if (len == sizeof(clock) && !memcmp(octets, clock, len) && !in_kernel)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, looked, 0, NULL);
	else if (len == sizeof(call) && !memcmp(octets, call, len))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, looked, 0, in_kernel);
	else if (len == sizeof(mark) && !memcmp(octets, mark, len))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, at_mark, 0, in_kernel);
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb), i;
	struct block *b = must(calloc(1, sizeof(*b) + n * sizeof(b->address[0])));

	(void)id;
	b->n = n;
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		b->address[i] = qemu_plugin_insn_vaddr(insn);
		look_for_marks(insn, b->address[i]);
	}
	qemu_plugin_register_vcpu_tb_exec_cb(tb, ran, 0, b);
}

static void ended(uint64_t id, void *data)
{
	(void)id;
	(void)data;
	figure_end();
	fclose(out);
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4))
		return 1;
	out = fopen(argv[0] + 4, "w");
	if (!out)
		return 1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, ended, NULL);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the packet parser needs of the kernel, in user space: the sources of
 * kmod/ that know nothing but a buffer, a stream and a key are built with this
 * in place of the kernel's headers, so that a fuzzer runs them as they are.
 */
#ifndef FUZZ_KERNEL_H
#define FUZZ_KERNEL_H

#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t ktime_t;
typedef unsigned int gfp_t;
typedef struct { int counter; } atomic_t, refcount_t;
typedef struct { int held; } spinlock_t;

#define GFP_KERNEL 0
#define GFP_ATOMIC 0
#define __GFP_NOWARN 0
#define __rcu
#define __percpu
#define ____cacheline_aligned_in_smp
#define likely(x) (x)
#define unlikely(x) (x)
#define READ_ONCE(x) (x)
#define WRITE_ONCE(x, value) ((x) = (value))
#define rcu_dereference(p) (p)
#define BIT(n) (1UL << (n))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define swap(a, b) do { __typeof__(a) old_ = (a); (a) = (b); (b) = old_; } while (0)
#define max(a, b) ((a) > (b) ? (a) : (b))
#define min(a, b) ((a) < (b) ? (a) : (b))
#define min_t(type, a, b) min((type)(a), (type)(b))
#define max_t(type, a, b) max((type)(a), (type)(b))
#define BITS_PER_LONG (CHAR_BIT * sizeof(long))
#define BITS_TO_LONGS(n) (((n) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define DECLARE_BITMAP(name, n) unsigned long name[BITS_TO_LONGS(n)]

/* Named in structures only: none is ever made. */
struct hrtimer { int none; };
struct list_head { struct list_head *next, *prev; };
struct net;
struct netlink_callback;
struct netlink_ext_ack { const char *_msg; };
struct nlattr;
struct rcu_head { int none; };
struct rhash_head { int none; };
struct sk_buff;
struct sock;

#define CRYPTO_MAX_ALG_NAME 128

/* One thread; a lock that is taken twice or not released is a mistake all the same. */
static inline void spin_lock_init(spinlock_t *lock)
{
	lock->held = 0;
}

static inline void spin_lock(spinlock_t *lock)
{
	if (lock->held++)
		abort();
}

static inline void spin_unlock(spinlock_t *lock)
{
	if (--lock->held)
		abort();
}

static inline int atomic_dec_if_positive(atomic_t *v)
{
	return v->counter > 0 ? --v->counter : v->counter - 1;
}

static inline void atomic_inc(atomic_t *v)
{
	v->counter++;
}

#define raw_cpu_ptr(p) (p)

#define spin_lock_bh spin_lock
#define spin_unlock_bh spin_unlock

static inline bool test_bit(unsigned long n, const unsigned long *bits)
{
	return bits[n / BITS_PER_LONG] >> n % BITS_PER_LONG & 1;
}

static inline void __set_bit(unsigned long n, unsigned long *bits)
{
	bits[n / BITS_PER_LONG] |= 1UL << n % BITS_PER_LONG;
}

static inline void __clear_bit(unsigned long n, unsigned long *bits)
{
	bits[n / BITS_PER_LONG] &= ~(1UL << n % BITS_PER_LONG);
}

static inline void bitmap_clear(unsigned long *bits, unsigned int from, unsigned int n)
{
	while (n--)
		__clear_bit(from++, bits);
}

static inline void bitmap_fill(unsigned long *bits, unsigned int n)
{
	memset(bits, 0xff, BITS_TO_LONGS(n) * sizeof(long));
}

static inline unsigned long *bitmap_zalloc(unsigned int n, gfp_t gfp)
{
	(void)gfp;
	return calloc(BITS_TO_LONGS(n), sizeof(long));
}

static inline void *kvcalloc(size_t n, size_t size, gfp_t gfp)
{
	(void)gfp;
	return calloc(n, size);
}

static inline void *kmemdup(const void *from, size_t len, gfp_t gfp)
{
	void *copy = malloc(len);

	(void)gfp;
	if (copy)
		memcpy(copy, from, len);
	return copy;
}

#define bitmap_free free
#define kfree_sensitive free
#define kvfree free
#define kfree free

static inline unsigned long roundup_pow_of_two(unsigned long n)
{
	unsigned long power = 1;

	while (power < n)
		power <<= 1;
	return power;
}

static inline int crypto_memneq(const void *a, const void *b, size_t len)
{
	return memcmp(a, b, len) != 0;
}

#define memzero_explicit(data, len) memset(data, 0, len)

/* An octet beyond the packet is seen by the sanitizer, and no alignment is assumed. */
#define unaligned_of(p) (((struct { __typeof__(*(p)) value; } __attribute__((packed)) *)(p))->value)
#define get_unaligned(p) unaligned_of(p)
#define put_unaligned(from, p) (unaligned_of(p) = (from))

static inline u16 get_unaligned_be16(const void *p)
{
	return be16toh(get_unaligned((const u16 *)p));
}

static inline u32 get_unaligned_be32(const void *p)
{
	return be32toh(get_unaligned((const u32 *)p));
}

static inline void put_unaligned_be16(u16 value, void *p)
{
	put_unaligned(htobe16(value), (u16 *)p);
}

static inline void put_unaligned_be32(u32 value, void *p)
{
	put_unaligned(htobe32(value), (u32 *)p);
}

#endif

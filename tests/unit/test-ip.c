// SPDX-License-Identifier: GPL-2.0-or-later
/* test-ip.c - what is in a network, for every prefix, against a count of bits */

/*
 * Real: ip.c. An address is random, or the other one with one bit changed, so that the bit
 * on each side of each prefix's end is met.
 */

#include "ip.h"
#include "unit.h"

#include <sys/socket.h>

#define ROUNDS 2000

static bool bit(const struct ip *ip, size_t i)
{
	return ip->bytes[i / 8] & (0x80 >> i % 8);
}

static struct ip random_ip(uint64_t *seed, int family)
{
	struct ip ip = { .family = (uint8_t)family };

	for (size_t i = 0; i < ip_size(&ip); i++)
		ip.bytes[i] = (uint8_t)(unit_random(seed) >> 24);
	return ip;
}

static void check(const struct ip_net *net, const struct ip *ip)
{
	struct ip first = ip_net_first(net), last = ip_net_last(net);
	bool in = true;

	for (size_t i = 0; i < 8 * ip_size(ip); i++) {
		in &= i >= net->prefix || bit(&net->ip, i) == bit(ip, i);
		assert_int_equal(bit(&first, i), i < net->prefix && bit(&net->ip, i));
		assert_int_equal(bit(&last, i), i >= net->prefix || bit(&net->ip, i));
	}
	assert_int_equal(ip_net_has(net, ip), in);
}

static void every_prefix(void **state)
{
	static const int families[] = { AF_INET, AF_INET6 };
	uint64_t seed = 1;

	(void)state;
	for (size_t n = 0; n < ROUNDS; n++) {
		struct ip_net net = { .ip = random_ip(&seed, families[n % 2]) };
		size_t bits = 8 * ip_size(&net.ip), flipped;
		struct ip other = random_ip(&seed, net.ip.family), near = net.ip;

		net.prefix = (uint8_t)(unit_random(&seed) % (bits + 1));
		flipped = unit_random(&seed) % bits;
		near.bytes[flipped / 8] ^= (uint8_t)(0x80 >> flipped % 8);
		check(&net, &net.ip);
		check(&net, &near);
		check(&net, &other);
	}
}

static void families_and_none(void **state)
{
	const struct ip four = { AF_INET, { 10, 0, 0, 1 } };
	const struct ip six = { AF_INET6, { 10, 0, 0, 1 } };
	const struct ip_net any = { .prefix = 0 }, all = { four, 0 };

	(void)state;
	assert_true(ip_net_has(&any, &four));
	assert_true(ip_net_has(&any, &six));
	assert_true(ip_net_has(&all, &four));
	assert_false(ip_net_has(&all, &six));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_prefix),
		cmocka_unit_test(families_and_none),
	};

	return cmocka_run_group_tests_name("ip", tests, NULL, NULL);
}

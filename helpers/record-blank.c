// SPDX-License-Identifier: GPL-2.0-or-later
/* record-blank.c - addresses, UUIDs and the host's name become others, always the same */

#include "record.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#define UUID_CHARS 36
#define MAC_CHARS  17
#define NAME_CHARS 15
#define TOKEN_LEN  64

/* What is replaced is a number among those of its sort, in the order in which they came */
enum sort { UUID, MAC, NET4, WIDE4, NET6, WIDE6, HOST6, SORTS };

/**
 * struct blank - One that was replaced
 * @token:   The first member: what the tree is sorted by
 */
struct blank {
	char token[TOKEN_LEN];
	size_t number;
};

/**
 * struct blanks - What was replaced so far
 * @seen:    Owned. A tree of struct blank of each sort, with @n of them
 */
struct blanks {
	void *seen[SORTS];
	size_t n[SORTS];
	char host_name[TOKEN_LEN];
};

struct blanks *blanks_new(const char *host_name)
{
	struct blanks *b = calloc(1, sizeof(*b));

	/* a short one, such as "a" or "gpu", stands everywhere without meaning the host */
	if (b && strlen(host_name) > 3)
		snprintf(b->host_name, sizeof(b->host_name), "%s", host_name);
	return b;
}

void blanks_free(struct blanks *b)
{
	for (int i = 0; b && i < SORTS; i++)
		tdestroy(b->seen[i], free);
	free(b);
}

size_t blanks_count(const struct blanks *b)
{
	return b->n[UUID] + b->n[MAC] + b->n[NET4] + b->n[WIDE4] + b->n[WIDE6] +
	       b->n[HOST6];
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* from 1; 0 when there is no memory */
static size_t number_of(struct blanks *b, enum sort sort, const char *token)
{
	struct blank **found = tfind(token, &b->seen[sort], compare), *new;

	if (found)
		return (*found)->number;
	new = malloc(sizeof(*new));
	if (!new)
		return 0;
	snprintf(new->token, sizeof(new->token), "%s", token);
	new->number = b->n[sort] + 1;
	if (!tsearch(new, &b->seen[sort], compare)) {
		free(new);
		return 0;
	}
	return ++b->n[sort];
}

/* ---- each returns how many bytes of @s it stands for, 0: it is none of these ---- */

static size_t take_uuid(struct blanks *b, const char *s, size_t len, FILE *to)
{
	char token[UUID_CHARS + 1] = "";

	if (len < UUID_CHARS || (len > UUID_CHARS && isxdigit((unsigned char)s[36])))
		return 0;
	for (int i = 0; i < UUID_CHARS; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-' : !isxdigit((unsigned char)s[i]))
			return 0;
		token[i] = (char)tolower((unsigned char)s[i]);
	}
	fprintf(to, "00000000-0000-4000-8000-%012zx", number_of(b, UUID, token));
	return UUID_CHARS;
}

/* whether @token is in lower case "xx:xx:xx:xx:xx:xx"; @from: with ':' every third, or none */
static bool read_mac(const char *from, bool colons, char token[static MAC_CHARS + 1])
{
	for (int i = 0; i < MAC_CHARS; i++) {
		bool colon = i % 3 == 2;

		token[i] = ':';
		if (colon ? colons && *from != ':' : !isxdigit((unsigned char)*from))
			return false;
		if (!colon)
			token[i] = (char)tolower((unsigned char)*from);
		from += !colon || colons;
	}
	token[MAC_CHARS] = '\0';
	return true;
}

static void print_mac(struct blanks *b, const char *token, const char *colon, FILE *to)
{
	size_t n = strcmp(token, "00:00:00:00:00:00") ? number_of(b, MAC, token) : 0;

	fprintf(to, n ? "52%s54%s00" : "00%s00%s00", colon, colon);
	for (int shift = 16; shift >= 0; shift -= 8)
		fprintf(to, "%s%02zx", colon, n >> shift & 0xff);
}

static size_t take_mac(struct blanks *b, const char *s, size_t len, FILE *to)
{
	char token[MAC_CHARS + 1];

	if (len < MAC_CHARS || !read_mac(s, true, token) ||
	    (len > MAC_CHARS && (s[17] == ':' || isxdigit((unsigned char)s[17]))))
		return 0;
	print_mac(b, token, ":", to);
	return MAC_CHARS;
}

/* an interface that is named by its address: enx525400aabbcc */
static size_t take_interface(struct blanks *b, const char *s, size_t len, FILE *to)
{
	char token[MAC_CHARS + 1];

	if (len < NAME_CHARS || (s[0] != 'e' && s[0] != 'w') || !strchr("nlw", s[1]) ||
	    s[2] != 'x' || !read_mac(s + 3, false, token) ||
	    (len > NAME_CHARS && isalnum((unsigned char)s[NAME_CHARS])))
		return 0;
	fwrite(s, 1, 3, to);
	print_mac(b, token, "", to);
	return NAME_CHARS;
}

/* "/24" behind an address: bits that are not of the network stay 0 */
static int prefix_behind(const char *s, size_t len, int all)
{
	int n = 0;

	if (len < 2 || s[0] != '/' || !isdigit((unsigned char)s[1]))
		return all;
	for (size_t i = 1; i < len && i < 4 && isdigit((unsigned char)s[i]); i++)
		n = n * 10 + s[i] - '0';
	return n < all ? n : all;
}

/* what everybody has: any, loopback, netmasks, the private ranges as a whole */
static bool is_public4(uint32_t ip, int prefix)
{
	return ip == 0 || ip >> 24 == 127 || ip >> 24 == 255 || prefix < 8 ||
	       (ip == 0x0a000000 && prefix == 8) || (ip == 0xac100000 && prefix == 12) ||
	       (ip == 0xc0a80000 && prefix == 16);
}

/*
 * 100.N.N.D: the network is another one, the last byte stays. A network of fewer bits gets
 * a first byte of its own, so that none meets another which it did not meet before.
 */
static uint32_t blank4(struct blanks *b, uint32_t ip, int prefix)
{
	char token[24];
	size_t n;

	if (prefix < 24) {
		snprintf(token, sizeof(token), "%x/%d", ip, prefix);
		n = number_of(b, WIDE4, token);
		return (uint32_t)(100 + n % 100) << 24;
	}
	snprintf(token, sizeof(token), "%x", ip >> 8);
	n = number_of(b, NET4, token);
	ip = 100u << 24 | (uint32_t)(n & 0xffff) << 8 | (ip & 0xff);
	return prefix < 32 ? ip & ~0u << (32 - prefix) : ip;
}

static size_t take_ip4(struct blanks *b, const char *s, size_t len, FILE *to)
{
	char token[INET_ADDRSTRLEN] = "";
	size_t n = 0;
	struct in_addr a;
	uint32_t ip;
	int prefix;

	while (n < len && (isdigit((unsigned char)s[n]) || s[n] == '.'))
		n++;
	if (n >= sizeof(token) || (n < len && isalpha((unsigned char)s[n])))
		return 0;
	memcpy(token, s, n);
	if (n && token[n - 1] == '.') /* the end of a sentence */
		token[--n] = '\0';
	if (inet_pton(AF_INET, token, &a) != 1)
		return 0;
	prefix = prefix_behind(s + n, len - n, 32);
	ip = ntohl(a.s_addr);
	if (!is_public4(ip, prefix))
		a.s_addr = htonl(blank4(b, ip, prefix));
	fputs(inet_ntop(AF_INET, &a, token, sizeof(token)), to);
	return n;
}

static bool is_public6(const unsigned char *a, int prefix)
{
	bool none = true;

	for (int i = 0; i < 15; i++)
		none &= !a[i];
	return prefix < 32 || (none && a[15] <= 1) || (prefix == 64 && a[0] == 0xfe);
}

/* fd00:0:0:NET::HOST, fe80::HOST; a network of fewer bits: fd01:NET:: */
static void blank6(struct blanks *b, unsigned char *a, int prefix)
{
	char net[20], host[40];
	bool local = a[0] == 0xfe && (a[1] & 0xc0) == 0x80, wide = prefix < 64;
	size_t n, m = 0;

	for (int i = 0; i < 8; i++)
		snprintf(net + 2 * i, 3, "%02x", a[i]);
	for (int i = 0; i < 16; i++)
		snprintf(host + 2 * i, 3, "%02x", a[i]);
	n = local ? 0 : number_of(b, wide ? WIDE6 : NET6, net);
	if (prefix > 64)
		m = number_of(b, HOST6, host);
	memset(a, 0, 16);
	a[0] = local ? 0xfe : 0xfd;
	a[1] = local ? 0x80 : wide;
	a[wide ? 2 : 6] = (unsigned char)(n >> 8);
	a[wide ? 3 : 7] = (unsigned char)n;
	a[13] = (unsigned char)(m >> 16);
	a[14] = (unsigned char)(m >> 8);
	a[15] = (unsigned char)m;
	for (int i = prefix; i < 128; i++)
		a[i / 8] &= (unsigned char)~(0x80 >> i % 8);
}

static size_t take_ip6(struct blanks *b, const char *s, size_t len, FILE *to)
{
	char token[INET6_ADDRSTRLEN] = "";
	unsigned char a[16];
	size_t n = 0;
	int prefix;

	while (n < len && (isxdigit((unsigned char)s[n]) || s[n] == ':'))
		n++;
	if (n >= sizeof(token) || n < 2 ||
	    (n < len && (isalpha((unsigned char)s[n]) || s[n] == '.')))
		return 0;
	memcpy(token, s, n);
	if (inet_pton(AF_INET6, token, a) != 1)
		return 0;
	prefix = prefix_behind(s + n, len - n, 128);
	if (is_public6(a,
		       prefix)) { /* as it is, because "0::" may be no address at all */
		fputs(token, to);
		return n;
	}
	blank6(b, a, prefix);
	fputs(inet_ntop(AF_INET6, a, token, sizeof(token)), to);
	return n;
}

static size_t take_name(const struct blanks *b, const char *s, size_t len, FILE *to)
{
	size_t n = strlen(b->host_name);

	if (n == 0 || len < n || memcmp(s, b->host_name, n) != 0 ||
	    (n < len && isalnum((unsigned char)s[n])))
		return 0;
	fputs("host", to);
	return n;
}

static size_t take(struct blanks *b, const char *s, size_t len, char before, FILE *to)
{
	bool word = isalnum((unsigned char)before) || before == '_';
	size_t n = 0;

	if (!word)
		n = take_uuid(b, s, len, to);
	if (!n && !word && before != ':')
		n = take_mac(b, s, len, to);
	if (!n && !word)
		n = take_interface(b, s, len, to);
	if (!n && !word && before != '.')
		n = take_ip4(b, s, len, to);
	if (!n && !word && before != ':' && before != '.')
		n = take_ip6(b, s, len, to);
	if (!n && !word)
		n = take_name(b, s, len, to);
	return n;
}

char *blanks_text(struct blanks *b, const char *text, size_t len, size_t *ret_len)
{
	char *ret = NULL, before = ' ';
	FILE *to = open_memstream(&ret, ret_len);

	if (!to)
		return NULL;
	for (size_t i = 0; i < len;) {
		size_t n = take(b, text + i, len - i, before, to);

		if (n == 0) {
			fputc(text[i], to);
			n = 1;
		}
		i += n;
		before = text[i - 1];
	}
	if (fclose(to) == 0)
		return ret;
	free(ret);
	return NULL;
}

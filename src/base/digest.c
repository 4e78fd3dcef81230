/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/clock.h"
#include "base/digest_priv.h"

enum zync_status zync_digest_failed(struct zync_err *err, const char *what)
{
	char reason[256] = "no reason given";
	unsigned long code = ERR_get_error();

	if (code != 0)
		ERR_error_string_n(code, reason, sizeof(reason));
	ERR_clear_error();
	return zync_err_set(err, ZYNC_ERR_IO, "the cryptographic library failed at %s: %s", what, reason);
}

void zync_digest_hex(const unsigned char *bytes, size_t len, char *ret)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*ret++ = digits[bytes[i] >> 4];
		*ret++ = digits[bytes[i] & 15];
	}
	*ret = '\0';
}

enum zync_status zync_digest_sha256(const void *data, size_t len, char ret_hex[ZYNC_DIGEST_HEX_SIZE], struct zync_err *err)
{
	unsigned char bytes[32];

	if (EVP_Digest(len > 0 ? data : "", len, bytes, NULL, EVP_sha256(), NULL) != 1)
		return zync_digest_failed(err, "SHA-256");
	zync_digest_hex(bytes, sizeof(bytes), ret_hex);
	return ZYNC_OK;
}

enum zync_status zync_random_bytes(void *ret, size_t len, struct zync_err *err)
{
	unsigned char *out = ret;

	/* The kernel's, not OpenSSL's: it needs no memory, and OpenSSL 3.0 crashes when memory runs out while it sets up its own. */
	while (len > 0) {
		ssize_t got = getrandom(out, ZYNC_MIN(len, (size_t)256), 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return zync_err_os(err, errno, "making random bytes");
		out += got;
		len -= (size_t)got;
	}
	return ZYNC_OK;
}

enum zync_status zync_uuid_new(char ret_uuid[ZYNC_UUID_SIZE], struct zync_err *err)
{
	static const size_t group_bytes[] = {4, 2, 2, 2, 6};
	unsigned char bytes[16];
	const unsigned char *from = bytes;
	char *to = ret_uuid;

	ZYNC_TRY(zync_random_bytes(bytes, sizeof(bytes), err));
	bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40); /* version 4, RFC 9562 section 5.4 */
	bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(group_bytes); i++) {
		if (i > 0)
			*to++ = '-';
		zync_digest_hex(from, group_bytes[i], to);
		from += group_bytes[i];
		to += group_bytes[i] * 2;
	}
	return ZYNC_OK;
}

uint32_t zync_random_below(uint32_t bound)
{
	uint32_t n, unfair;

	ZYNC_ASSERT(bound > 0);
	unfair = (UINT32_MAX - bound + 1) % bound; /* 2^32 mod bound: so many of the smallest numbers would come too often */
	do {
		if (zync_random_bytes(&n, sizeof(n), NULL) != ZYNC_OK)
			return (uint32_t)((uint64_t)zync_clock_mono_us() % bound);
	} while (n < unfair);
	return n % bound;
}

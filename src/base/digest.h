/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file digest.h
 * Digests, keyed digests, sealing, random bytes and UUIDs; the only part that includes OpenSSL's headers.
 */
#ifndef ZYNC_BASE_DIGEST_H
#define ZYNC_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define ZYNC_DIGEST_HEX_SIZE 65 /* SHA-256 in hexadecimal with NUL */
#define ZYNC_UUID_SIZE	     37

/** SHA-256 of @p len bytes as lower-case hexadecimal. */
enum zync_status zync_digest_sha256(const void *data, size_t len, char ret_hex[ZYNC_DIGEST_HEX_SIZE], struct zync_err *err) ZYNC_MUST_CHECK;
/** A random (version 4) UUID. */
enum zync_status zync_uuid_new(char ret_uuid[ZYNC_UUID_SIZE], struct zync_err *err) ZYNC_MUST_CHECK;
enum zync_status zync_random_bytes(void *ret, size_t len, struct zync_err *err) ZYNC_MUST_CHECK;
/** A random number below @p bound (> 0), for jitter; never fails (falls back to the clock). */
uint32_t zync_random_below(uint32_t bound);

/**
 * A key ring: the installation's own key, which makes keyed digests of secrets (to compare without keeping them) and
 * seals the secrets that a stored desired state needs. The key lives in a file of its own, never in the database.
 */
struct zync_keyring;
/** From 32 key bytes. Free with zync_keyring_free(), which wipes them. */
enum zync_status zync_keyring_new(const unsigned char key[32], struct zync_keyring **ret, struct zync_err *err) ZYNC_MUST_CHECK;
/**
 * Read the key file (64 hexadecimal digits), creating it with mode 0600 and a fresh random key when it does not exist. Concurrent creators agree on one key.
 * A file that others than the owner may read is refused with the command that mends it.
 */
enum zync_status zync_keyring_open(const char *path, struct zync_keyring **ret, struct zync_err *err) ZYNC_MUST_CHECK;
void zync_keyring_free(struct zync_keyring *ring);

/** Keyed digest (HMAC-SHA256, hexadecimal) of a text under a purpose such as "macro"; the same text under another purpose gives another digest. */
enum zync_status zync_keyring_digest(const struct zync_keyring *ring, const char *purpose, const char *text,
				     char ret_hex[ZYNC_DIGEST_HEX_SIZE], struct zync_err *err) ZYNC_MUST_CHECK;
/** Encrypt @p text (AES-256-GCM, random nonce) to base64 in @p arena. */
enum zync_status zync_keyring_seal(const struct zync_keyring *ring, const char *text, struct zync_arena *arena, const char **ret_sealed,
				   struct zync_err *err) ZYNC_MUST_CHECK;
/** The text again. Fails with ZYNC_ERR_INVALID when the key is another one or the text was changed. */
enum zync_status zync_keyring_unseal(const struct zync_keyring *ring, const char *sealed, struct zync_arena *arena, const char **ret_text,
				     struct zync_err *err) ZYNC_MUST_CHECK;

#endif

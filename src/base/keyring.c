/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/digest.h"
#include "base/digest_priv.h"
#include "base/file_priv.h"
#include "base/limits.h"
#include "base/mem.h"

#define KEY_SIZE 32
#define KEY_HEX	 ((size_t)KEY_SIZE * 2)

/*
 * A sealed text is the base64 of: a version byte (also authenticated), the nonce, the encrypted text, the tag. Nonces are random:
 * NIST SP 800-38D allows 2^32 of them with one key, which no installation comes near.
 */
#define SEAL_VERSION 1
#define SEAL_NONCE   12
#define SEAL_TAG     16
#define SEAL_FRAME   ((size_t)1 + SEAL_NONCE + SEAL_TAG)

struct zync_keyring {
	unsigned char key[KEY_SIZE];
	unsigned char seal_key[KEY_SIZE];
};

/* Every use of the key goes through a sub-key, so that no digest of one purpose can stand for that of another. */
static enum zync_status keyring_subkey(const unsigned char key[KEY_SIZE], const char *prefix, const char *purpose,
				       unsigned char ret[KEY_SIZE], struct zync_err *err)
{
	char label[128];
	int len = snprintf(label, sizeof(label), "%s%s", prefix, purpose);

	if (len < 0 || (size_t)len >= sizeof(label))
		return zync_err_set(err, ZYNC_ERR_INVALID, "the purpose of a keyed digest is longer than %zu bytes", sizeof(label) - 1);
	if (!HMAC(EVP_sha256(), key, KEY_SIZE, (const unsigned char *)label, (size_t)len, ret, NULL))
		return zync_digest_failed(err, "deriving a key");
	return ZYNC_OK;
}

enum zync_status zync_keyring_new(const unsigned char key[32], struct zync_keyring **ret, struct zync_err *err)
{
	struct zync_keyring *ring = zync_calloc(1, sizeof(*ring));
	enum zync_status status;

	if (!ring)
		return zync_err_nomem(err, "making the key ring");
	memcpy(ring->key, key, KEY_SIZE);
	/* "zync/" and not "zync:": no purpose of a digest can name the sealing key. */
	status = keyring_subkey(ring->key, "zync/", "seal", ring->seal_key, err);
	if (status != ZYNC_OK) {
		zync_keyring_free(ring);
		return status;
	}
	*ret = ring;
	return ZYNC_OK;
}

void zync_keyring_free(struct zync_keyring *ring)
{
	if (!ring)
		return;
	zync_wipe(ring, sizeof(*ring));
	zync_free(ring);
}

/* A fresh file next to @p path, mode 0600, its name in @p temp. */
static enum zync_status keyring_temp(const char *path, struct zync_buf *temp, int *ret_fd, struct zync_err *err)
{
	unsigned char salt[8];
	char hex[sizeof(salt) * 2 + 1];

	ZYNC_TRY(zync_random_bytes(salt, sizeof(salt), err));
	zync_digest_hex(salt, sizeof(salt), hex);
	zync_buf_printf(temp, "%s.%s.tmp", path, hex);
	ZYNC_TRY(zync_buf_check(temp, "the path of the key file", err));
	*ret_fd = open(temp->data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*ret_fd < 0)
		return zync_err_os(err, errno, "creating key file %s (its directory must exist and be writable)", path);
	return ZYNC_OK;
}

/* Give the complete file its name, unless another process was first: then its key counts. */
static enum zync_status keyring_publish(const char *temp, const char *path, struct zync_err *err)
{
	int reason;

	if (link(temp, path) == 0 || errno == EEXIST)
		return ZYNC_OK;
	reason = errno;
	/* Some file systems have no hard links. */
	if (renameat2(AT_FDCWD, temp, AT_FDCWD, path, RENAME_NOREPLACE) == 0 || errno == EEXIST)
		return ZYNC_OK;
	return zync_err_os(err, reason, "creating key file %s", path);
}

/* What is sealed with a key must not outlive it in a power failure: the directory goes to the disk before anything is sealed. */
static enum zync_status keyring_sync_directory(const char *path, struct zync_err *err)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) + 1 : 1;
	enum zync_status status = ZYNC_OK;
	ZYNC_AUTO_BUF directory;
	int fd;

	zync_buf_init(&directory, ZYNC_LIMIT_SECRET_BYTES);
	zync_buf_add(&directory, slash ? path : ".", len);
	ZYNC_TRY(zync_buf_check(&directory, "the path of the key file", err));
	fd = open(directory.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* Some file systems cannot sync a directory and say EINVAL. */
	if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
		status = zync_err_os(err, errno, "writing the directory of key file %s to the disk", path);
	if (fd >= 0)
		(void)close(fd);
	return status;
}

static enum zync_status keyring_write(int fd, const char *path, struct zync_err *err)
{
	unsigned char key[KEY_SIZE];
	char hex[KEY_HEX + 2];
	enum zync_status status = zync_random_bytes(key, sizeof(key), err);

	if (status == ZYNC_OK) {
		zync_digest_hex(key, sizeof(key), hex);
		hex[KEY_HEX] = '\n';
		if (!zync_file_write_fd(fd, hex, KEY_HEX + 1) || fsync(fd) != 0)
			status = zync_err_os(err, errno, "writing key file %s", path);
		zync_wipe(hex, sizeof(hex));
	}
	zync_wipe(key, sizeof(key));
	return status;
}

static enum zync_status keyring_create(const char *path, struct zync_err *err)
{
	ZYNC_AUTO_BUF temp;
	enum zync_status status;
	int fd;

	zync_buf_init(&temp, ZYNC_LIMIT_SECRET_BYTES);
	ZYNC_TRY(keyring_temp(path, &temp, &fd, err));
	status = keyring_write(fd, path, err);
	if (close(fd) != 0 && status == ZYNC_OK)
		status = zync_err_os(err, errno, "writing key file %s", path);
	if (status == ZYNC_OK)
		status = keyring_publish(temp.data, path, err);
	/* Gone already where it was renamed. */
	(void)unlink(temp.data);
	ZYNC_TRY(status);
	return keyring_sync_directory(path, err);
}

static int keyring_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static enum zync_status keyring_parse(const char *path, struct zync_buf *text, unsigned char ret_key[KEY_SIZE], struct zync_err *err)
{
	if (text->len > 0 && text->data[text->len - 1] == '\n')
		zync_buf_truncate(text, text->len - 1);
	if (text->len > 0 && text->data[text->len - 1] == '\r')
		zync_buf_truncate(text, text->len - 1);
	if (text->len != KEY_HEX)
		return zync_err_set(err, ZYNC_ERR_INVALID,
				    "key file %s holds %zu characters instead of %zu hexadecimal digits; restore it from a backup", path,
				    text->len, KEY_HEX);
	for (size_t i = 0; i < KEY_SIZE; i++) {
		int high = keyring_digit(text->data[2 * i]), low = keyring_digit(text->data[2 * i + 1]);

		if (high < 0 || low < 0)
			return zync_err_set(err, ZYNC_ERR_INVALID,
					    "key file %s holds something else than hexadecimal digits; restore it from a backup", path);
		ret_key[i] = (unsigned char)(high << 4 | low);
	}
	return ZYNC_OK;
}

static enum zync_status keyring_check_file(int fd, const char *path, struct zync_err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return zync_err_os(err, errno, "looking at key file %s", path);
	if (!S_ISREG(st.st_mode))
		return zync_err_set(err, ZYNC_ERR_INVALID, "key file %s is not a regular file", path);
	if ((st.st_mode & 077) != 0)
		return zync_err_set(err, ZYNC_ERR_INVALID,
				    "key file %s may be read or changed by others than its owner (mode %04o); mend it with: chmod 600 %s",
				    path, (unsigned)(st.st_mode & 07777), path);
	return ZYNC_OK;
}

static enum zync_status keyring_read(int fd, const char *path, unsigned char ret_key[KEY_SIZE], struct zync_err *err)
{
	ZYNC_AUTO_BUF text;

	zync_buf_init(&text, ZYNC_LIMIT_SECRET_BYTES);
	ZYNC_TRY(keyring_check_file(fd, path, err));
	if (!zync_file_read_fd(fd, &text)) {
		if (errno == 0)
			return zync_buf_check(&text, "the key file", err);
		return zync_err_os(err, errno, "reading key file %s", path);
	}
	return keyring_parse(path, &text, ret_key, err);
}

enum zync_status zync_keyring_open(const char *path, struct zync_keyring **ret, struct zync_err *err)
{
	/* Not blocking: a named pipe is refused below instead of waited for. */
	const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
	unsigned char key[KEY_SIZE];
	enum zync_status status;
	int fd = open(path, flags);

	if (fd < 0 && errno == ENOENT) {
		ZYNC_TRY(keyring_create(path, err));
		fd = open(path, flags);
	}
	if (fd < 0)
		return zync_err_os(err, errno, "opening key file %s", path);
	status = keyring_read(fd, path, key, err);
	(void)close(fd);
	if (status == ZYNC_OK)
		status = zync_keyring_new(key, ret, err);
	zync_wipe(key, sizeof(key));
	return status;
}

enum zync_status zync_keyring_digest(const struct zync_keyring *ring, const char *purpose, const char *text,
				     char ret_hex[ZYNC_DIGEST_HEX_SIZE], struct zync_err *err)
{
	unsigned char subkey[KEY_SIZE], digest[KEY_SIZE];
	const unsigned char *done;

	ZYNC_TRY(keyring_subkey(ring->key, "zync:", purpose, subkey, err));
	done = HMAC(EVP_sha256(), subkey, KEY_SIZE, (const unsigned char *)text, strlen(text), digest, NULL);
	zync_wipe(subkey, sizeof(subkey));
	if (!done)
		return zync_digest_failed(err, "a keyed digest");
	zync_digest_hex(digest, sizeof(digest), ret_hex);
	return ZYNC_OK;
}

/* frame = version, nonce, encrypted text, tag; version and nonce are there already. */
static bool keyring_encrypt(const struct zync_keyring *ring, const char *text, size_t len, unsigned char *frame)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	unsigned char *body = frame + 1 + SEAL_NONCE;
	int n = 0, end = 0;
	bool done;

	done = ctx && EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, ring->seal_key, frame + 1) == 1 &&
	       EVP_EncryptUpdate(ctx, NULL, &n, frame, 1) == 1 &&
	       EVP_EncryptUpdate(ctx, body, &n, (const unsigned char *)text, (int)len) == 1 &&
	       EVP_EncryptFinal_ex(ctx, body + n, &end) == 1 && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, SEAL_TAG, body + len) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return done;
}

enum zync_status zync_keyring_seal(const struct zync_keyring *ring, const char *text, struct zync_arena *arena, const char **ret_sealed,
				   struct zync_err *err)
{
	size_t len = strlen(text), size = SEAL_FRAME + len;
	unsigned char *frame, *sealed;

	if (len > ZYNC_LIMIT_REQUEST_BYTES)
		return zync_err_set(err, ZYNC_ERR_LIMIT, "a text of %zu bytes is too large to be sealed", len);
	frame = zync_arena_alloc(arena, size);
	sealed = zync_arena_alloc(arena, (size + 2) / 3 * 4 + 1);
	if (!frame || !sealed)
		return zync_err_nomem(err, "sealing a secret");
	frame[0] = SEAL_VERSION;
	ZYNC_TRY(zync_random_bytes(frame + 1, SEAL_NONCE, err));
	if (!keyring_encrypt(ring, text, len, frame))
		return zync_digest_failed(err, "sealing a secret");
	(void)EVP_EncodeBlock(sealed, frame, (int)size);
	*ret_sealed = (const char *)sealed;
	return ZYNC_OK;
}

static bool keyring_decrypt(const struct zync_keyring *ring, unsigned char *frame, size_t size, unsigned char *text)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	unsigned char *body = frame + 1 + SEAL_NONCE;
	size_t len = size - SEAL_FRAME;
	int n = 0, end = 0;
	bool done;

	done = ctx && EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, ring->seal_key, frame + 1) == 1 &&
	       EVP_DecryptUpdate(ctx, NULL, &n, frame, 1) == 1 && EVP_DecryptUpdate(ctx, text, &n, body, (int)len) == 1 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, SEAL_TAG, body + len) == 1 && EVP_DecryptFinal_ex(ctx, text + n, &end) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return done;
}

/* Decode strict base64: whole groups of four, padding at the end only. Returns the number of bytes, 0 when it is something else. */
static size_t keyring_decode(const char *text, size_t len, unsigned char *ret)
{
	size_t digits = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
	size_t padding = len - digits;

	if (len == 0 || len % 4 != 0 || padding > 2 || strspn(text + digits, "=") != padding)
		return 0;
	if (EVP_DecodeBlock(ret, (const unsigned char *)text, (int)len) < 0)
		return 0;
	return len / 4 * 3 - padding;
}

enum zync_status zync_keyring_unseal(const struct zync_keyring *ring, const char *sealed, struct zync_arena *arena, const char **ret_text,
				     struct zync_err *err)
{
	size_t len = strlen(sealed), size;
	unsigned char *frame, *text;

	if (len > ZYNC_LIMIT_REQUEST_BYTES * (size_t)2)
		return zync_err_set(err, ZYNC_ERR_LIMIT, "a sealed secret of %zu bytes is too large", len);
	frame = zync_arena_alloc(arena, len / 4 * 3 + 3);
	text = zync_arena_alloc(arena, len / 4 * 3 + 3);
	if (!frame || !text)
		return zync_err_nomem(err, "opening a sealed secret");
	size = keyring_decode(sealed, len, frame);
	if (size < SEAL_FRAME || frame[0] != SEAL_VERSION)
		return zync_err_set(err, ZYNC_ERR_INVALID, "a sealed secret is damaged or was made by another version");
	if (!keyring_decrypt(ring, frame, size, text)) {
		zync_wipe(text, size);
		return zync_err_set(err, ZYNC_ERR_INVALID,
				    "a sealed secret cannot be opened: the key file is not the one it was sealed with, or it was changed");
	}
	text[size - SEAL_FRAME] = '\0';
	*ret_text = (const char *)text;
	return ZYNC_OK;
}

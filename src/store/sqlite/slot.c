/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite/slot.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"

#define SLOT_PATH_MAX 8192u

/* Byte number = slot. */
static struct flock slot_range(short type, uint64_t slot)
{
	return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)slot, .l_len = 1};
}

/* Who may use the database may use the lock file, also when root was the first to need it. */
static void slot_file_share(int fd, const char *database)
{
	struct stat own, st;

	/* Nothing but the empty file that belongs here is given to anybody. */
	if (stat(database, &st) != 0 || fstat(fd, &own) != 0 || !S_ISREG(own.st_mode) || own.st_nlink != 1 || own.st_size != 0)
		return;
	/* For those who do not own the file this fails, and nothing has to be done. */
	if (geteuid() == 0 && fchown(fd, st.st_uid, st.st_gid) != 0)
		return;
	(void)fchmod(fd, st.st_mode & 0666);
}

static enum zync_status slot_file_open(struct zync_slot_file *file, const char *database, struct zync_err *err)
{
	ZYNC_AUTO_BUF path = {0};

	if (file->fd >= 0)
		return ZYNC_OK;
	zync_buf_init(&path, SLOT_PATH_MAX);
	zync_buf_adds(&path, database);
	zync_buf_adds(&path, ".lock");
	ZYNC_TRY(zync_buf_check(&path, "the name of the lock file", err));
	file->fd = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file->fd < 0)
		return zync_err_os(err, errno,
				   "store: cannot open the lock file %s, which this user must be able to write, as the database itself",
				   path.data);
	slot_file_share(file->fd, database);
	return ZYNC_OK;
}

void zync_slot_file_init(struct zync_slot_file *file)
{
	*file = (struct zync_slot_file){.fd = -1};
}

void zync_slot_file_done(struct zync_slot_file *file)
{
	if (file->fd >= 0)
		(void)close(file->fd);
	zync_slot_file_init(file);
}

enum zync_status zync_slot_file_hold(struct zync_slot_file *file, const char *database, uint64_t slot, bool *ret_held, struct zync_err *err)
{
	struct flock range = slot_range(F_WRLCK, slot);

	ZYNC_ASSERT(file->held == 0 && slot != 0);
	*ret_held = true;
	if (!zync_str_empty(database)) {
		ZYNC_TRY(slot_file_open(file, database, err));
		if (fcntl(file->fd, F_OFD_SETLK, &range) != 0) {
			if (errno != EAGAIN && errno != EACCES)
				return zync_err_os(
					err, errno,
					"store: cannot lock %s.lock; the database must be on a local file system that has file locks",
					database);
			*ret_held = false;
			return ZYNC_OK;
		}
	}
	file->held = slot;
	return ZYNC_OK;
}

void zync_slot_file_release(struct zync_slot_file *file)
{
	struct flock range = slot_range(F_UNLCK, file->held);

	if (file->held == 0)
		return;
	/* Unlocking what this connection has locked cannot fail; were it to, closing does the same. */
	if (file->fd >= 0 && fcntl(file->fd, F_OFD_SETLK, &range) != 0)
		zync_slot_file_done(file);
	file->held = 0;
}

bool zync_slot_file_alive(struct zync_slot_file *file, const char *database, uint64_t slot)
{
	struct flock range = slot_range(F_WRLCK, slot);

	if (slot == 0)
		return false;
	/* A lock of one's own is not reported. */
	if (slot == file->held)
		return true;
	if (zync_str_empty(database))
		return false;
	if (slot_file_open(file, database, NULL) != ZYNC_OK || fcntl(file->fd, F_OFD_GETLK, &range) != 0)
		return true;
	return range.l_type != F_UNLCK;
}
